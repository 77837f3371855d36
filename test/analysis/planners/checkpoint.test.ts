import { describe, expect, test } from "vitest";
import { planCheckpoints } from "../../../lib/analysis/planners/checkpoint.ts";
import { openTrace } from "../../../lib/session/sd.ts";
import { seconds } from "../../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../../helpers/recordings.ts";

const PAGE = 4096;

test("an incremental checkpoint has what was written since the last one, each page once", () => {
  const [plan] = planCheckpoints(
    seconds("0 rw-p - DDpp", "0 rw-p - DpDp", "0 rw-p - Dppp", "0 rw-p - pppD", "0 rw-p - DDDD"),
    { intervalsNs: [2e9, 60e9], bytesPerSecond: 4 * PAGE, failureNs: 100e9 },
  );
  expect(plan).toMatchObject({ fullPages: 4, fullNs: 1e9, leftOutPages: 0, windowCount: 5 });
  const [two] = plan.intervals.filter(({ intervalNs, isAsked }) => isAsked && intervalNs === 2e9);
  expect(two).toMatchObject({
    ...{ count: 2, meanIntervalNs: 2e9, meanPages: 2.5, pages: { min: 2, max: 3 } },
    ...{ writeNs: 0.625e9, savedNs: 0.375e9 },
  });
  // Young: a third of the time to write, and a hundredth that a failure undoes.
  expect(two.lostShare).toBeCloseTo(0.625 / 2 + 2 / 200, 9);
  expect(plan.bestFullNs).toBeCloseTo(Math.sqrt(2 * 1e9 * 100e9), 0);
  expect(plan.intervals.at(-1)).toMatchObject({ intervalNs: 60e9, count: 0, lostShare: null });
});

test("the interval with which the least is lost is neither the shortest nor the longest", () => {
  // Nearly the same pages all the time: seldom is cheap, but a failure comes each eight seconds.
  const [{ best }] = planCheckpoints(
    seconds(...Array(16).fill("0 rw-p - Dppp")),
    { intervalsNs: [1e9], bytesPerSecond: 2 * PAGE, failureNs: 8e9 },
  );
  expect(best.meanIntervalNs).toBe(2e9); // of 1, 2, 4 and 8 s, 2 s and 4 s come to sqrt(8) s nearest
});

test("what was written and is gone by then is not saved", () => {
  const moving = Array.from({ length: 4 }, (_, i) => `${16 + i * 8} rw-p /f${i} DDDD`);
  const [{ fullPages, intervals }] = planCheckpoints(seconds(...moving), { intervalsNs: [4e9] });
  expect(fullPages).toBe(4);
  for (const { meanPages, savedNs } of intervals) {
    expect(meanPages).toBe(4);
    expect(savedNs).toBe(0);
  }
});

test("what cannot be planned with is refused", () => {
  for (const options of [{ intervalsNs: [0] }, { bytesPerSecond: NaN }, { failureNs: -1 }]) {
    expect(() => planCheckpoints([], options)).toThrow(/No checkpoint can be planned with/);
  }
});

test("shared memory and pages of files are left out, and counted", () => {
  const [plan] = planCheckpoints(
    seconds("0 rw-s /shared DD\n0x10 rw-p - Dp", "0 rw-s /shared DD\n0x10 rw-p - pD"),
    { intervalsNs: [] },
  );
  expect(plan).toMatchObject({ fullPages: 2, leftOutPages: 2 });
  expect(plan.intervals[0].meanPages).toBe(1);
});

describe.each(RECORDINGS)("checkpoints of the recording %s", (name) => {
  const { snapshots } = openTrace(recordingFile(name));
  test("are no larger than a full dump, and no smaller the longer one waits", () => {
    for (
      const { fullPages, intervals, isMemoryRecorded } of planCheckpoints(snapshots, {
        intervalsNs: [],
      })
    ) {
      expect(isMemoryRecorded).toBe(!["redis-uffd", "tree"].includes(name));
      let smaller = 0;
      for (const { pages, count } of intervals) {
        expect(pages!.min).toBeLessThanOrEqual(fullPages * 1.1);
        expect(count).toBeGreaterThan(0);
        expect(pages!.max).toBeGreaterThanOrEqual(smaller);
        smaller = pages!.min;
      }
    }
  });
});
