import fc from "fast-check";
import { expect, test } from "vitest";
import { unpackCounts } from "../../../lib/page/unpack_counts.ts";
import { packCounts } from "../../../lib/report/html/packed_counts.ts";

test("counts come out as they went in", async () => {
  const count = fc.oneof(fc.constant(0), fc.nat(200), fc.maxSafeNat());
  await fc.assert(fc.asyncProperty(fc.array(count), async (counts) => {
    expect([...await unpackCounts(packCounts(Float64Array.from(counts)))]).toEqual(counts);
  }));
});

test("a map that is mostly empty takes little room", () => {
  const counts = new Float64Array(2_000_000);
  for (let i = 0; i < counts.length; i += 100) counts[i] = i % 7;
  expect(packCounts(counts).length).toBeLessThan(100_000);
});
