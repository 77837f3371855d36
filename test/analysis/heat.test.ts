import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { heatMaps } from "../../lib/analysis/heat.ts";
import { HeatBlocks } from "../../lib/analysis/heat_blocks.ts";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { seconds } from "../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";
import { some } from "../helpers/some.ts";

test("a map has a row for each page that was written, and a column for each window", () => {
  const [map] = heatMaps(seconds(
    "0x10 rw-p [heap] Dp\n0x90 rw-p - pD",
    "0x10 rw-p [heap] DD\n0x90 rw-p - pp",
  ));
  expect(map).toMatchObject({ process: { pid: 42 }, windowCount: 2, pageCount: 3 });
  expect(map.columns).toEqual([
    { startNs: 0, endNs: 1e9, windowCount: 1, firstSnapshot: 0, lastSnapshot: 0 },
    { startNs: 1e9, endNs: 2e9, windowCount: 1, firstSnapshot: 1, lastSnapshot: 1 },
  ]);
  expect(map.rows).toEqual([
    { start: 0x10, end: 0x11, mapping: "[heap]", dirtyPages: [1, 1] },
    { start: 0x11, end: 0x12, mapping: "[heap]", dirtyPages: [0, 1] },
    { start: 0x91, end: 0x92, mapping: "", dirtyPages: [1, 0] },
  ]);
});

test("with fewer rows or columns than there are pages or windows, neighbours are averaged", () => {
  const drawings = ["DDDDDDDD", "pppppppp", "Dppppppp", "Dppppppp", "pppppppD"];
  const [{ rows, columns }] = heatMaps(
    seconds(...drawings.map((letters) => `0x10 rw-p - ${letters}`)),
    { rows: 2, columns: 4 },
  );
  expect(columns.map(({ windowCount }) => windowCount)).toEqual([2, 2, 1]);
  expect(rows.map(({ start, end, dirtyPages }) => [start, end, dirtyPages])).toEqual([
    ...[[0x10, 0x14, [2, 1, 0]], [0x14, 0x18, [2, 0, 1]]],
  ]);
});

test("a row is named as what was written there last", () => {
  const [{ rows }] = heatMaps(seconds("0x10 rw-p /old D", "0x10 rw-p /new D", "0x10 rw-p /read p"));
  expect(rows[0].mapping).toBe("/new");
});

test("vast ranges and pages at the end of the address space take no long time and no memory", () => {
  const blocks = new HeatBlocks(64);
  blocks.add(PageSet.from([{ start: 0, end: 1 }, { start: 5, end: 2 ** 52 }]), 0, 0);
  const all = blocks.all();
  expect(all.length).toBeLessThanOrEqual(64);
  expect(all.reduce((sum, { counts }) => sum + counts[0], 0)).toBe(2 ** 52 - 4);
});

test("however blocks grow and columns are halved, no page is lost and none is counted twice", () => {
  const pages = fc.array(fc.nat(5000), { minLength: 1, maxLength: 60 })
    .map((starts) => PageSet.from(starts.map((start) => ({ start, end: start + 1 + start % 3 }))));
  fc.assert(fc.property(fc.array(pages, { maxLength: 12 }), fc.integer({ min: 1, max: 40 }), (
    sets,
    most,
  ) => {
    const blocks = new HeatBlocks(most);
    for (const [i, set] of sets.entries()) {
      if (i > 0 && i % 4 === 0) blocks.halveColumns();
      blocks.add(set, i % 4, i);
    }
    const all = blocks.all();
    expect(all.length).toBeLessThanOrEqual(most);
    const union = sets.reduce((union, set) => union.union(set), PageSet.empty);
    for (const { start, end, counts, lastPage, lastMoment } of all) {
      const expected = sets.reduce((sum, set) => sum + set.countIn(start, end), 0);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(expected);
      expect(sets[lastMoment].has(lastPage)).toBe(true);
      expect(lastMoment).toBe(sets.findLastIndex((set) => set.countIn(start, end) > 0));
      expect(union.countIn(start, end)).toBeGreaterThan(0);
    }
  }));
});

describe.each(RECORDINGS)("the heat of the recording %s", (name) => {
  test("adds up to the pages of the rate, however finely it is divided", () => {
    const rates = dirtyRates(openTrace(recordingFile(name)).snapshots);
    for (const size of [{}, { rows: 3, columns: 2 }]) {
      for (
        const [i, map] of some(heatMaps(openTrace(recordingFile(name)).snapshots, size)).entries()
      ) {
        let sum = 0;
        for (const { dirtyPages } of map.rows) {
          dirtyPages.forEach((pages, at) => sum += pages * map.columns[at].windowCount);
        }
        expect(sum).toBeCloseTo(rates[i].dirtyPages, 6);
      }
    }
  });
});
