import { expect, test } from "vitest";
import { heatMaps } from "../../../lib/analysis/heat.ts";
import { unpackNumbers } from "../../../lib/page/unpack_numbers.ts";
import { packHeats } from "../../../lib/report/html/packed_heat.ts";
import { seconds } from "../../helpers/drawn_snapshot.ts";

/** Sixteen pages, of which each second others are dirty. */
const snapshots = seconds(...Array.from({ length: 20 }, (_, second) => {
  const marks = Array.from({ length: 16 }, (_, page) => (page * 7 + second * 5) % 11 < 4);
  return `0 rw-p - ${marks.map((isDirty) => isDirty ? "D" : "p").join("")}`;
}));
const mapsOf = (rows: number) => heatMaps(snapshots, { rows, columns: 20 });

async function totals(mostBytes: number) {
  const [{ rows, counts }] = packHeats(mapsOf, 16, mostBytes);
  const sum = (await unpackNumbers(counts)).reduce((sum, count) => sum + count, 0);
  return { rowCount: (await unpackNumbers(rows)).length / 3, lengthBytes: counts.length, sum };
}

test("a map that takes too much room gets fewer rows, which count the same", async () => {
  const whole = await totals(Infinity);
  expect(whole.rowCount).toBe(16);
  const half = await totals(whole.lengthBytes - 1);
  expect(half.rowCount).toBeLessThanOrEqual(8);
  expect(half.lengthBytes).toBeLessThan(whole.lengthBytes);
  expect(half.sum).toBe(whole.sum);
});

test("one row is left where there is no room at all", async () => {
  expect((await totals(0)).rowCount).toBe(1);
});
