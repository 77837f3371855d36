import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { heatStrip } from "../../lib/analysis/heat_strip.ts";
import { RecentTable } from "../../lib/analysis/recent_table.ts";
import { RecentWrites } from "../../lib/analysis/recent_writes.ts";
import { targetCostNs } from "../../lib/analysis/target_cost.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { openTrace } from "../../lib/session/open_trace.ts";
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

test("another program begins anew, and a snapshot without a clear is no window", () => {
  const recent = filled("0 rw-p - DDD");
  const other = { process: { ...PROCESS, command: "other" }, sinceClear: null };
  expect(recent.add(snapshot("0 rw-p - D", other))).toBe(false);
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

test("what gives no snapshot any more is forgotten after a while", () => {
  const table = new RecentTable();
  const [one, ...others] = seconds(...Array.from({ length: 8 }, () => "0 rw-p - D"));
  table.add(one);
  const process = { ...PROCESS, pid: 43 };
  for (const other of others.slice(0, 4)) table.add(snapshot("0 rw-p - D", { ...other, process }));
  expect(table.states.map((state) => state.process.pid)).toEqual([42, 43]);
  for (const other of others) table.add(snapshot("0 rw-p - D", { ...other, process }));
  expect(table.states.map((state) => state.process.pid)).toEqual([43]);
});

test("tracking costs a fault for each page, the clear, and the time of standing still", () => {
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
