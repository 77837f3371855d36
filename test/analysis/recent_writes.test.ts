import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { heatStrip } from "../../lib/analysis/heat_strip.ts";
import { RecentTable } from "../../lib/analysis/recent_table.ts";
import { RecentWrites } from "../../lib/analysis/recent_writes.ts";
import { targetCostNs } from "../../lib/analysis/target_cost.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { openTrace } from "../../lib/files/open_trace.ts";
import { clearAt, PROCESS, seconds, snapshot } from "../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";

const PAGE = 4096;

function filled(...drawings: string[]): RecentWrites {
  const recent = new RecentWrites(3e9);
  for (const one of seconds(...drawings)) recent.add(one);
  return recent;
}

test("rates are of the last windows, and the working set of the time that was asked for", () => {
  const recent = filled(
    ...["0 rw-p [heap] Dppp", "0 rw-p [heap] pDpp", "0 rw-p [heap] pDDp", "0 rw-p [heap] pppp"],
  );
  const { rates, workingSet, workingSetNs } = recent.state!;
  expect(rates).toEqual([PAGE, PAGE, 2 * PAGE, 0]);
  // The first second is over three seconds ago.
  expect(workingSet.toJSON()).toEqual([[1, 2]]);
  expect(workingSetNs).toBe(3e9);
  expect(recent.ratesOf({ ...recent.state!.snapshot.vmas[0] })).toEqual(rates);
});

test("no more than 64 windows are remembered", () => {
  const recent = filled(...Array.from({ length: 100 }, () => "0 rw-p - D"));
  expect(recent.state!.rates).toHaveLength(64);
  expect(recent.state!.totals).toMatchObject({ windowCount: 100, dirtyBytes: 100 * PAGE });
});

test("a later read of the same clear takes the place of the one before", () => {
  const recent = new RecentWrites();
  const at = (atNs: number, drawing: string) =>
    snapshot(drawing, { atNs, durationNs: 0, sinceClear: { ...clearAt(0), durationNs: 0 } });
  recent.add(at(1e9, "0 rw-p - Dpp"));
  recent.add(at(2e9, "0 rw-p - DDD"));
  expect(recent.state!.rates).toEqual([3 * PAGE / 2]);
  expect(recent.state!.totals).toMatchObject({
    windowCount: 1,
    windowNs: 2e9,
    dirtyBytes: 3 * PAGE,
  });
});

test("mappings of one name have rates of their own", () => {
  const recent = filled("0x10 rw-p [heap] DDDDp\n0x20 rw-p [heap] D");
  const { vmas } = recent.state!.snapshot;
  expect(vmas.map((vma) => recent.ratesOf(vma))).toEqual([[4 * PAGE], [PAGE]]);
});

test("of very many mappings the rates of those are kept that were written most", () => {
  const lines = Array.from(
    { length: 5000 },
    (_, i) => `${i * 4} rw-p - ${i === 4999 ? "DD" : "D"}`,
  );
  const recent = filled(lines.join("\n"));
  const { vmas } = recent.state!.snapshot;
  expect(recent.ratesOf(vmas[4999])).toEqual([2 * PAGE]);
  expect(vmas.filter((vma) => recent.ratesOf(vma)[0] > 0)).toHaveLength(4096);
});

test("populatedPages is as last reported, and unknown for another program", () => {
  const recent = filled("0 rw-p - DDp");
  expect(recent.state!.populatedPages).toBe(3);
  const [, two, three] = Array.from({ length: 3 }, (_, i) =>
    snapshot("0 rw-p - D", {
      ...{ atNs: (i + 1) * 1e9, durationNs: 0, known: ["dirty"] },
      sinceClear: { ...clearAt(i * 1e9), durationNs: 0 },
    }));
  recent.add(two);
  expect(recent.state!.populatedPages).toBe(3);
  recent.add(snapshot("0 rw-p - D", {
    ...three,
    process: { ...PROCESS, command: "other" },
    sinceClear: { ...three.sinceClear!, process: { ...PROCESS, command: "other" } },
  }));
  expect(recent.state!.populatedPages).toBeNull();
});

test("another program starts from zero, and a snapshot without a clear is no window", () => {
  const recent = filled("0 rw-p - DDD");
  const other = { process: { ...PROCESS, command: "other" }, sinceClear: null };
  expect(recent.add(snapshot("0 rw-p - D", other))).toMatchObject({
    windowCount: 0,
    dirtyBytes: 0,
  });
  expect(recent.state).toBeUndefined();
});

test("the working set is never less than what was written in the time, nor more than an eighth older", () => {
  const page = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 });
  fc.assert(fc.property(fc.array(page, { minLength: 1, maxLength: 40 }), (windows) => {
    const drawing = (pages: boolean[]) =>
      `0 rw-p - ${pages.map((isDirty) => isDirty ? "D" : "p").join("")}`;
    const recent = new RecentWrites(8e9);
    for (const one of seconds(...windows.map(drawing))) recent.add(one);
    const union = (count: number) =>
      seconds(...windows.map(drawing)).slice(-count)
        .reduce((all, one) => all.union(one.dirty), PageSet.empty);
    const { workingSet } = recent.state!;
    expect(union(8).subtract(workingSet).isEmpty).toBe(true);
    expect(workingSet.subtract(union(9)).isEmpty).toBe(true);
  }));
});

describe.each(RECORDINGS)("over the recording %s", (name) => {
  test("the totals are those of the rate", () => {
    const table = new RecentTable(Infinity);
    for (const one of openTrace(recordingFile(name)).snapshots) table.add(one);
    for (const { process, totals } of table.states) {
      const rate = dirtyRates(openTrace(recordingFile(name)).snapshots)
        .findLast((one) => one.process.pid === process.pid)!;
      expect(totals.dirtyBytes).toBe(rate.dirtyPages * rate.pageSizeBytes);
      expect(totals.windowNs).toBe(rate.durationNs);
    }
  });
});

test("a take that is one step counts its time once", () => {
  const recent = new RecentWrites();
  const clear = (atNs: number) => ({ ...clearAt(atNs), durationNs: 100 });
  recent.add(snapshot("0 rw-p - D", { sinceClear: clear(0), atNs: 1000, durationNs: 100 }));
  recent.add(snapshot("0 rw-p - D", { sinceClear: clear(1000), atNs: 2000, durationNs: 100 }));
  expect(recent.state!.totals.trackingNs).toBe(300);
});

describe("a table of several processes", () => {
  const process = (pid: number) => ({ ...PROCESS, pid });
  /** A window of one process, from one time to another. */
  const window = (pid: number, fromNs: number, toNs: number) =>
    snapshot("0 rw-p - D", {
      ...{ process: process(pid), atNs: toNs, durationNs: 0 },
      sinceClear: { ...clearAt(fromNs), process: process(pid), durationNs: 0 },
    });
  const pids = (table: RecentTable) => table.states.map((state) => state.process.pid);

  test("forgets what gives no snapshot any more, after some rounds", () => {
    const table = new RecentTable();
    for (let s = 0; s < 20; s++) {
      for (const pid of s < 3 ? [42, 43] : [43]) table.add(window(pid, s * 1e9, (s + 1) * 1e9));
      if (s === 5) expect(pids(table)).toEqual([42, 43]);
    }
    expect(pids(table)).toEqual([43]);
    expect(table.all).toEqual({ windowCount: 23, dirtyBytes: 23 * PAGE });
  });

  test("keeps what is in each round, however long one takes", () => {
    const table = new RecentTable(60e9);
    let fromNs = 0;
    for (const lengthNs of [10e9, 10e9, 10e9, 500e9, 500e9, 1e9]) {
      for (const pid of [1, 2, 3]) table.add(window(pid, fromNs, fromNs + lengthNs + pid));
      fromNs += lengthNs;
    }
    expect(table.states.map(({ totals }) => totals.windowCount)).toEqual([6, 6, 6]);
  });

  test("keeps what is read more seldom than others", () => {
    const table = new RecentTable();
    for (let s = 0; s < 60; s++) {
      table.add(window(1, s * 1e9, (s + 1) * 1e9));
      if (s % 10 === 9) table.add(window(2, (s - 9) * 1e9, (s + 1) * 1e9));
    }
    expect(table.states.map(({ totals }) => totals.windowCount)).toEqual([60, 6]);
  });

  test("forgets what never had a window, too", () => {
    const table = new RecentTable();
    for (let s = 0; s < 20; s++) {
      table.add(window(1, s * 1e9, (s + 1) * 1e9));
      const short = { process: process(100 + s), sinceClear: null, atNs: (s + 1) * 1e9 };
      table.add(snapshot("0 rw-p - D", short));
    }
    expect(table.of(100)).toBeUndefined();
    expect(table.of(119)).toBeDefined();
  });
});

test("tracking costs a fault for each page, the clear, and the time that the target is stopped", () => {
  const sinceClear = { ...clearAt(0), durationNs: 500, stoppedNs: 200 };
  const one = snapshot("0 rw-p - DDp", { sinceClear, stoppedNs: 30 });
  expect(targetCostNs(one, 2)).toBe(2000 + 500 + 30);
});

describe("a heat strip", () => {
  test("divides mappings evenly, laid end to end", () => {
    const pages = PageSet.from([{ start: 0, end: 2 }, { start: 103, end: 104 }]);
    const ranges = [{ start: 0, end: 4 }, { start: 100, end: 104 }];
    expect(heatStrip(ranges, pages, 4)).toEqual([1, 0, 0, 0.5]);
    expect(heatStrip(ranges, pages, 16)).toEqual([1, 1, 1, 1, ...Array(10).fill(0), 1, 1]);
    expect(heatStrip([], pages, 16)).toEqual([]);
  });

  test("counts each page once, whatever the cells", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 30 }), fc.nat(), (sizes, cells, seed) => {
        const ranges = sizes.map((size, i) => ({ start: i * 100, end: i * 100 + size }));
        const all = PageSet.from(ranges);
        const some = PageSet.from(
          [...all.runs()].map(({ start, end }) => ({ start: start + seed % (end - start), end })),
        );
        const shares = heatStrip(ranges, some, cells);
        const border = (cell: number) => Math.round(cell * all.pageCount / cells);
        if (cells > all.pageCount) expect(shares).toHaveLength(cells);
        else {
          const pages = shares.reduce(
            (sum, share, i) => sum + share * (border(i + 1) - border(i)),
            0,
          );
          expect(pages).toBeCloseTo(some.pageCount);
        }
      }),
    );
  });
});
