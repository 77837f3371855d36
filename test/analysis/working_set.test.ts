import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { workingSets, workingSetWindows } from "../../lib/analysis/working_set.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import { seconds } from "../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";

const drawn = (drawing: string, index: number) =>
  snapshot(`0x10 rw-p - ${drawing}`, {
    index,
    sinceClear: clearAt(index * 1e9),
    atNs: index * 1e9 + 9e8,
    durationNs: 1e8,
  });

test("a working set is what is dirty at least once in one, two, four snapshots, and in all", () => {
  const [set] = workingSets(["Dppp", "DDpp", "ppDp", "Dppp", "pppD"].map(drawn));
  expect(set).toMatchObject({
    process: { pid: 42 },
    snapshotCount: 5,
    durationNs: 5e9,
    pageCount: 4,
  });
  expect(set.points.map(({ pages: { count, min, max } }) => [count, min, max])).toEqual([
    [5, 1, 2],
    [2, 2, 2],
    [1, 3, 3],
  ]);
  expect(set.points.map((point) => [point.snapshotCount, point.meanDurationNs])).toEqual([
    [1, 1e9],
    [2, 2e9],
    [4, 4e9],
  ]);
  expect(workingSets([])).toEqual([]);
});

test("working sets are those of a plain count, however many snapshots there are", () => {
  const drawing = fc.stringMatching(/^[Dp]{6}$/);
  fc.assert(
    fc.property(fc.array(drawing, { minLength: 1, maxLength: 40 }), (drawings) => {
      const snapshots = drawings.map(drawn);
      const [set] = workingSets(snapshots);
      const united = (from: number, to: number) =>
        snapshots.slice(from, to).reduce((all, one) => all.union(one.dirtyPopulated), PageSet.empty)
          .pageCount;
      expect(set.pageCount).toBe(united(0, snapshots.length));
      expect(set.points).toHaveLength(Math.floor(Math.log2(snapshots.length)) + 1);
      for (const { snapshotCount, pages } of set.points) {
        const counts = Array.from(
          { length: Math.floor(snapshots.length / snapshotCount) },
          (_, i) => united(i * snapshotCount, (i + 1) * snapshotCount),
        );
        expect([pages.count, pages.min, pages.max]).toEqual([
          counts.length,
          Math.min(...counts),
          Math.max(...counts),
        ]);
      }
    }),
  );
});

describe.each(RECORDINGS)("the working set of the recording %s", (name) => {
  test("grows with the window, and ends at all that was dirty", () => {
    for (const { points, pageCount } of workingSets(openTrace(recordingFile(name)).snapshots)) {
      const largest = points.map(({ pages }) => pages.max);
      expect(largest).toEqual(largest.toSorted((a, b) => a - b));
      expect(largest.at(-1)).toBeLessThanOrEqual(pageCount);
    }
  });
});

test("windows are told one by one, of lengths with no more than so many", () => {
  const four = seconds("0 rw-p - DDpp", "0 rw-p - pDDp", "0 rw-p - pppp", "0 rw-p - pppD");
  expect(workingSetWindows(four, 2)).toEqual([[
    [],
    [{ startNs: 0, endNs: 2e9, pages: 3 }, { startNs: 2e9, endNs: 4e9, pages: 1 }],
    [{ startNs: 0, endNs: 4e9, pages: 4 }],
  ]]);
});
