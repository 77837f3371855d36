import { describe, expect, test } from "vitest";
import { hotPages } from "../../lib/analysis/hot.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";
import { some } from "../helpers/some.ts";

const drawn = (drawing: string, index: number) =>
  snapshot(drawing, { index, sinceClear: clearAt(index * 1e9), atNs: index * 1e9 + 9e8 });

test("pages are reported with how often they were dirty, at which intervals, and until when", () => {
  const [hot] = hotPages([
    "0x10 rw-p [heap] DDpp\n0x20 rw-p - D",
    "0x10 rw-p [heap] DDpp\n0x20 rw-p - p",
    "0x10 rw-p [heap] ppDp\n0x20 rw-p - p",
    "0x10 rw-p [heap] DDpp",
  ].map(drawn));
  expect(hot).toMatchObject({ process: { pid: 42 }, snapshotCount: 4, endNs: 3.9e9, pageCount: 4 });
  expect(hot.ranges).toEqual([
    {
      ...{ start: 0x10, end: 0x12, mapping: "[heap]", dirtyCount: 3 },
      ...{ meanIntervalNs: 1.5e9, lastDirtyAtNs: 3.9e9 },
    },
    {
      ...{ start: 0x12, end: 0x13, mapping: "[heap]", dirtyCount: 1 },
      ...{ meanIntervalNs: null, lastDirtyAtNs: 2.9e9 },
    },
    // Gone by the end, and named all the same.
    {
      ...{ start: 0x20, end: 0x21, mapping: "", dirtyCount: 1 },
      ...{ meanIntervalNs: null, lastDirtyAtNs: 0.9e9 },
    },
  ]);
  expect(hot.shares).toEqual([{ dirtyCount: 1, pageCount: 2 }, { dirtyCount: 3, pageCount: 2 }]);
  expect(hotPages([])).toEqual([]);
});

test("a range that mappings cut competes by its parts", () => {
  const lines = Array.from({ length: 10 }, (_, i) => `${i + 1} rw-p /m${i} D`);
  const [{ ranges, rangeCount }] = hotPages([
    drawn(`${lines.join("\n")}\n100 rw-p /n DDDDDDDDD`, 0),
  ], 1);
  expect(ranges.map(({ start, end }) => [start, end])).toEqual([[100, 109]]);
  expect(rangeCount).toBe(11);
});

test("a range ends where its mapping does", () => {
  const [{ ranges }] = hotPages(["0x10 rw-p /a DD\n0x12 rw-p /b DDD"].map(drawn));
  expect(ranges.map(({ start, end, mapping }) => [start, end, mapping])).toEqual([
    ...[[0x12, 0x15, "/b"], [0x10, 0x12, "/a"]],
  ]);
});

test("the hottest ranges are found among very many", () => {
  const letters = Array.from({ length: 6000 }, (_, i) => i % 2 === 0 ? "D" : "p");
  const hotter = letters.map((letter, i) => i % 1000 === 0 ? "D" : letter === "D" ? "p" : letter);
  const [{ ranges }] = hotPages(
    [letters, hotter].map((one, i) => drawn(`0x10 rw-p - ${one.join("")}`, i)),
    7,
  );
  expect(ranges.map(({ dirtyCount }) => dirtyCount)).toEqual([2, 2, 2, 2, 2, 2, 1]);
});

describe.each(RECORDINGS)("the hot pages of the recording %s", (name) => {
  test("add up to the pages that were dirty in any snapshot after a clear", () => {
    for (const hot of some(hotPages(openTrace(recordingFile(name)).snapshots, Infinity))) {
      const pages = hot.ranges.reduce((sum, { start, end }) => sum + end - start, 0);
      expect(pages).toBe(hot.pageCount);
      expect(hot.shares.reduce((sum, { pageCount }) => sum + pageCount, 0)).toBe(hot.pageCount);
      expect(hot.shares.at(-1)?.dirtyCount ?? 0).toBeLessThanOrEqual(hot.snapshotCount);
    }
  });
});
