import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pageSetsByName } from "../../lib/analysis/pages_by_name.ts";
import {
  namedWorkingSets,
  workingSets,
  workingSetWindows,
} from "../../lib/analysis/working_set.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { selectPages } from "../../lib/core/snapshot.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import { seconds } from "../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";
import { some } from "../helpers/some.ts";

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
  expect(set.points.map(({ tailSnapshotCount, tailPages }) => [tailSnapshotCount, tailPages]))
    .toEqual([[0, 0], [1, 1], [1, 1]]);
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
      const before = { min: 0, max: 0 };
      for (const { snapshotCount, pages, tailSnapshotCount, tailPages } of set.points) {
        const whole = snapshots.length - snapshots.length % snapshotCount;
        expect([tailSnapshotCount, tailPages]).toEqual([
          snapshots.length - whole,
          united(whole, snapshots.length),
        ]);
        const counts = Array.from(
          { length: Math.floor(snapshots.length / snapshotCount) },
          (_, i) => united(i * snapshotCount, (i + 1) * snapshotCount),
        );
        expect([pages.count, pages.min, pages.max]).toEqual([
          counts.length,
          before.min = Math.max(before.min, Math.min(...counts)),
          before.max = Math.max(before.max, tailPages, ...counts),
        ]);
      }
    }),
  );
});

test("a longer window holds no less than a shorter one, also where the last windows hold most", () => {
  const some = fc.array(fc.stringMatching(/^[Dp]{6}$/), { minLength: 1, maxLength: 40 });
  fc.assert(fc.property(some, (drawings) => {
    const [{ points }] = workingSets(drawings.map(drawn));
    for (const value of ["min", "p25", "p50", "p75", "p90", "p99", "max"] as const) {
      const values = points.map(({ pages }) => pages[value]);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
    }
    const means = points.map(({ meanPages }) => meanPages);
    expect(means).toEqual(means.toSorted((a, b) => a - b));
  }));
});

describe.each(RECORDINGS)("the working set of the recording %s", (name) => {
  test("grows with the window, and ends at all that was dirty", () => {
    for (
      const { points, pageCount } of some(workingSets(openTrace(recordingFile(name)).snapshots))
    ) {
      const largest = points.map(({ pages }) => pages.max);
      expect(largest).toEqual(largest.toSorted((a, b) => a - b));
      expect(largest.at(-1)).toBeLessThanOrEqual(pageCount);
    }
  });
});

test("windows are listed one by one, for each length with at most the given number of windows", () => {
  const four = seconds("0 rw-p - DDpp", "0 rw-p - pDDp", "0 rw-p - pppp", "0 rw-p - pppD");
  expect(workingSetWindows(four, 2)).toEqual([[
    [],
    [{ startNs: 0, endNs: 2e9, pages: 3 }, { startNs: 2e9, endNs: 4e9, pages: 1 }],
    [{ startNs: 0, endNs: 4e9, pages: 4 }],
  ]]);
});

describe.each(RECORDINGS)("the working sets by name of the recording %s", (name) => {
  const { snapshots } = openTrace(recordingFile(name));

  test("are those of the mappings of that name alone", () => {
    const all = workingSetWindows(snapshots, 1024);
    for (const [i, named] of some(namedWorkingSets(snapshots, 1024, 256)).entries()) {
      for (const [mapping, levels] of [...named].slice(0, 8)) {
        const alone = workingSetWindows(
          Array.from(snapshots, (one) => {
            const vmas = one.vmas.filter((vma) => vma.name === mapping);
            return selectPages(one, vmas, PageSet.from(vmas));
          }),
          1024,
        );
        expect(levels.map((windows) => windows.length)).toEqual(all[i].map((one) => one.length));
        // A process of which no window has the mapping is in the list of all alone.
        if (alone.length === all.length) {
          expect(levels).toEqual(alone[i].map((windows) => windows.map(({ pages }) => pages)));
        }
      }
    }
  });

  test("add up, window by window, where names are all that there is", () => {
    const all = workingSetWindows(snapshots, 1024);
    for (const [i, named] of some(namedWorkingSets(snapshots, 1024, 256)).entries()) {
      const [shortest] = all[i];
      const sums = shortest.map((_, w) =>
        [...named.values()].reduce((sum, [pages]) => sum + pages[w], 0)
      );
      expect(sums).toEqual(shortest.map(({ pages }) => pages));
    }
  });
});

test("no more names than asked for have a working set", () => {
  const drawing = "0x10 rw-p a D\n0x20 rw-p b D\n0x30 rw-p c D";
  expect([...namedWorkingSets(seconds(drawing), 9, 2)[0].keys()]).toEqual(["a", "b"]);
});

test("the pages of a name are those of its mappings, also where these touch", () => {
  const [one] = seconds("0 rw-p a DDp\n0x10 rw-p b D\n0x11 rw-p a DD\n0x13 rw-p a Dp");
  const sets = pageSetsByName(one.vmas, one.dirty);
  expect(sets.get("a")!.toJSON()).toEqual([[0, 2], [17, 3]]);
  expect(sets.get("b")!.toJSON()).toEqual([[16, 1]]);
});
