import { describe, expect, test } from "vitest";
import { dirtyMappings } from "../../lib/analysis/dirty_mappings.ts";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";
import { some } from "../helpers/some.ts";

const drawn = (drawing: string, index: number, fields = {}) =>
  snapshot(drawing, {
    index,
    sinceClear: clearAt(index * 1e9),
    atNs: index * 1e9 + 9e8,
    durationNs: 1e8,
    ...fields,
  });

const of = (...drawings: string[]) => dirtyMappings(drawings.map((one, i) => drawn(one, i)))[0];

test("dirty pages of a mapping are counted each time, and each once", () => {
  const all = of("0x10 rw-p [heap] DDpp", "0x10 rw-p [heap] DpDp");
  expect(all).toMatchObject({ process: { pid: 42 }, windowCount: 2, durationNs: 2e9 });
  expect(all.mappings).toEqual([{
    ...{ name: "[heap]", perms: "rw-p", start: 0x10, end: 0x14, presentPages: 4 },
    ...{ dirtyPages: 4, distinctDirtyPages: 3, newPages: 0, renewedPages: 0 },
    ...{ firstSeenNs: 9e8, lastSeenNs: 1.9e9, isThere: true, timesMapped: 1 },
  }]);
});

test("a mapping that grows in either direction stays the same one, and its new part is reported", () => {
  const [stack, heap] = of(
    "0x10 rw-p [heap] Dp\n0x30 rw-p [stack] D",
    "0x10 rw-p [heap] DDdd\n0x2e rw-p [stack] DDD",
  ).mappings;
  expect(heap).toMatchObject({ end: 0x14, dirtyPages: 3, newPages: 4, firstSeenNs: 9e8 });
  expect(stack).toMatchObject({ start: 0x2e, end: 0x31, dirtyPages: 4, distinctDirtyPages: 3 });
});

test("a mapping that was unmapped keeps its counts, and a new one in its place starts from zero", () => {
  const { mappings } = of(
    "0x10 rw-p /a DD",
    "0x40 rw-p - p",
    "0x10 rw-p /a DD\n0x40 rw-p - p",
  );
  expect(mappings.map(({ name, distinctDirtyPages, isThere, firstSeenNs }) => [
    ...[name, distinctDirtyPages, isThere, firstSeenNs],
  ])).toEqual([["/a", 2, true, 2.9e9], ["/a", 2, false, 9e8], ["", 0, true, 1.9e9]]);
});

test("a mapping that is split continues in its first part, and joined mappings continue in the first", () => {
  const split = of("0x10 rw-p - DDDD", "0x10 rw-p - DD\n0x13 rw-p - D").mappings;
  expect(split.map(({ start, dirtyPages }) => [start, dirtyPages])).toEqual([[0x10, 6], [0x13, 1]]);
  const joined = of("0x10 rw-p - D\n0x12 rw-p - D", "0x10 rw-p - DDD").mappings;
  expect(joined.map(({ dirtyPages, distinctDirtyPages, isThere }) => [
    ...[dirtyPages, distinctDirtyPages, isThere],
  ])).toEqual([[4, 2, true], [1, 1, false]]);
});

test("memory that was unmapped and mapped again in one window is reported as renewed", () => {
  const { mappings } = of("0x10 rw-p - pp", "0x10 rw-p - Dd");
  expect(mappings[0]).toMatchObject({ renewedPages: 2, newPages: 2, dirtyPages: 1 });
});

test("presentPages is null where the tracker does not know which pages exist", () => {
  const [{ mappings }] = dirtyMappings([drawn("0x10 rw-p - D", 0, { known: ["dirty"] })]);
  expect(mappings[0].presentPages).toBeNull();
});

test("of very many mappings that came and went the largest are kept, and the rest is summed up", () => {
  const snapshots = Array.from(
    { length: 9001 },
    (_, i) => drawn(`${16 + i * 2} rw-p /f${i} ${i === 5 ? "DD" : "D"}`, i),
  );
  const [{ mappings, leftOut }] = dirtyMappings(snapshots);
  expect(mappings[0].name).toBe("/f5");
  expect(leftOut.mappingCount).toBeGreaterThan(0);
  expect(mappings.length + leftOut.mappingCount).toBe(9001);
  expect(mappings.reduce((sum, one) => sum + one.dirtyPages, leftOut.dirtyPages)).toBe(9002);
});

describe.each(RECORDINGS)("the mappings of the recording %s", (name) => {
  test("have the dirty pages that the rate has", () => {
    const rates = dirtyRates(openTrace(recordingFile(name)).snapshots);
    for (
      const [i, all] of some(dirtyMappings(openTrace(recordingFile(name)).snapshots)).entries()
    ) {
      const sum = all.mappings.reduce((pages, one) => pages + one.dirtyPages, 0);
      expect(sum).toBe(rates[i].dirtyPages);
      for (const one of all.mappings) {
        expect(one.distinctDirtyPages).toBeLessThanOrEqual(one.dirtyPages);
      }
    }
  });
});
