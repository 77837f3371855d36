import fc from "fast-check";
import { expect, test } from "vitest";
import { Passes } from "../../../lib/analysis/planners/passes.ts";
import { timelines } from "../../../lib/analysis/planners/timeline.ts";
import type { Snapshot } from "../../../lib/core/snapshot.ts";
import { clearAt, PROCESS, snapshot } from "../../helpers/drawn_snapshot.ts";

/** A second of a process; some do not report the pages that exist. */
const second = fc.record({
  pid: fc.constantFrom(42, 43),
  letters: fc.string({ unit: fc.constantFrom("D", "p", "."), minLength: 6, maxLength: 6 }),
  isTold: fc.boolean(),
});

function trace(drawn: readonly { pid: number; letters: string; isTold: boolean }[]): Snapshot[] {
  return drawn.map(({ pid, letters, isTold }, i) => {
    const process = { ...PROCESS, pid };
    return snapshot(`0x10 rw-p - ${isTold ? letters : letters.replaceAll("D", "d")}`, {
      ...{ process, atNs: (i + 1) * 1e9 + i, durationNs: 0 },
      sinceClear: { ...clearAt(i * 1e9), process, durationNs: 0 },
      tracker: "uffd-wp",
      known: isTold ? ["dirty", "present", "swapped"] : ["dirty", "newMapping", "unwatched"],
    });
  });
}

/** What comes until each program had so many windows. */
function passed(passes: Passes, wanted: Map<string, number>): Record<string, unknown[]> {
  const seen: Record<string, unknown[]> = {};
  for (const { program, window } of passes.over(wanted)) {
    const { reuse, ...rest } = window;
    const ages = Array.from(reuse.ages, (age, i) => [age, reuse.counts[i]]);
    (seen[program] ??= []).push({ ...rest, pageCount: reuse.pageCount, ages });
    const left = wanted.get(program)! - 1;
    if (left > 0) wanted.set(program, left);
    else wanted.delete(program);
  }
  return seen;
}

test("windows that are kept equal those read from the snapshots again, in each pass", () => {
  fc.assert(fc.property(fc.array(second, { minLength: 1, maxLength: 12 }), (drawn) => {
    const snapshots = trace(drawn);
    const found = timelines(snapshots);
    const [kept, walked] = [Infinity, 0].map((mostAges) => {
      const passes = new Passes(snapshots, found, mostAges);
      // The second time they start again.
      return [1, 2].map(() =>
        passed(passes, new Map(found.map(({ program, windowCount }) => [program, 4 * windowCount])))
      );
    });
    expect(kept).toEqual(walked);
    for (const { program, windowCount } of found) {
      expect(kept[0][program]).toHaveLength(4 * windowCount);
    }
  }));
});

test("snapshots are walked twice for any number of passes, unless that takes too much memory", () => {
  const snapshots = trace(Array(5).fill({ pid: 42, letters: "DDpDD.", isTold: true }));
  const found = timelines(snapshots);
  let [walks, walked] = [0, 0];
  const counted = {
    *[Symbol.iterator]() {
      walks++;
      for (const each of snapshots) {
        walked++;
        yield each;
      }
    },
  };
  const walksFor = (mostAges: number) => {
    walks = 0;
    const passes = new Passes(counted, found, mostAges);
    for (let i = 0; i < 3; i++) passed(passes, new Map([[found[0].program, 50]]));
    return walks;
  };
  // Four windows with one age in the first pass, and five in the second.
  expect(walksFor(9)).toBe(2);
  expect(walksFor(8)).toBe(2 + 3 * 10);
  // No further than needed; a window is reported when the next one begins.
  const passes = new Passes(counted, found, 0);
  passed(passes, new Map([[found[0].program, 1]]));
  walked = 0;
  passed(passes, new Map([[found[0].program, 1]]));
  expect(walked).toBe(2);
});

test("snapshots that can be walked only once are refused, without an endless loop", () => {
  const snapshots = trace([{ pid: 42, letters: "D.....", isTold: true }]);
  const found = timelines(snapshots);
  const once = snapshots[Symbol.iterator]();
  const passes = new Passes(once, found);
  expect(() => passed(passes, new Map([[found[0].program, 5]]))).toThrow("walked only once");
});
