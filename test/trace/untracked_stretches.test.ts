import { expect, test } from "vitest";
import { summarize } from "../../lib/trace/summary.ts";
import { untrackedStretches } from "../../lib/trace/untracked_stretches.ts";
import { PROCESS, snapshot } from "../helpers/drawn_snapshot.ts";
import { readerOf, traceBytes } from "../helpers/memory_trace.ts";

const other = { pid: 43, startTimeTicks: 9, command: "other" };
const untracked = (process: typeof other, reason: string, atNs: number) =>
  ({ type: "untracked", process, reason, message: `${reason}!`, atNs }) as const;

const trace = readerOf(traceBytes((writer) => {
  writer.note(untracked(other, "still-loading", 1));
  writer.note(untracked(other, "still-loading", 2));
  writer.note(untracked(PROCESS, "traced-by-another", 3));
  writer.note(untracked(other, "cannot-attach", 4));
  writer.read(snapshot("0 rw-p - D", { atNs: 5, sinceClear: null }));
  writer.note({ type: "warning", process: PROCESS, code: "a", message: "b", atNs: 6 });
  writer.note({ type: "exit", pid: 43, reason: "process-exited", atNs: 7 });
  writer.note(untracked({ ...other, startTimeTicks: 10 }, "cannot-attach", 8));
}));

test("untrackedStretches() gives each time in which a process lived and was not tracked", () => {
  const times = untrackedStretches(trace).map(({ process, reason, message: _, ...rest }) => {
    return [process.pid, process.startTimeTicks, reason, rest];
  });
  const time = (fromNs: number, untilNs: number | null, isTrackedAfter = false) => {
    return { fromNs, untilNs, isTrackedAfter };
  };
  expect(times).toEqual([
    [43, 9, "still-loading", time(1, 4)],
    [PROCESS.pid, PROCESS.startTimeTicks, "traced-by-another", time(3, 5, true)],
    [43, 9, "cannot-attach", time(4, 7)],
    [43, 10, "cannot-attach", time(8, null)],
  ]);
});

test("the snapshots of a trace know the processes that are not among them", () => {
  const { untrackedProcesses } = trace.snapshots;
  expect(untrackedProcesses?.map(({ process, reason }) => [process.startTimeTicks, reason]))
    .toEqual(
      [[9, "cannot-attach"], [10, "cannot-attach"]],
    );
});

test("the snapshots before an event know the processes that were untracked by then", () => {
  const before = (eventIndex: number) => {
    const series = trace.snapshotsBefore(eventIndex);
    const untracked = series.untrackedProcesses!.map(({ process, reason }) => [
      process.pid,
      reason,
    ]);
    return [[...series].length, untracked];
  };
  expect(before(0)).toEqual([0, []]);
  expect(before(4)).toEqual([0, [[43, "cannot-attach"], [PROCESS.pid, "traced-by-another"]]]);
  expect(before(5)).toEqual([1, [[43, "cannot-attach"]]]);
  expect(before(trace.eventCount)[1]).toEqual([[43, "cannot-attach"], [43, "cannot-attach"]]);
});

test("summarize() has those that were not tracked again, and the warnings", () => {
  const { untracked, warnings, counts } = summarize(trace);
  expect(untracked.map(({ process }) => process.startTimeTicks)).toEqual([9, 9, 10]);
  expect(warnings).toMatchObject([{ code: "a", message: "b" }]);
  expect(counts).toEqual({ untracked: 5, read: 1, warning: 1, exit: 1 });
});

test("in an older trace an exit of a process that lived is such a time", () => {
  const older = readerOf(traceBytes((writer) => {
    writer.note({ type: "found", process: other, parentPid: 1, atNs: 1 });
    writer.note({ type: "exit", pid: 43, reason: "permission-denied", atNs: 2 });
    writer.note({ type: "exit", pid: 44, reason: "process-exited", atNs: 3 });
  }));
  expect(untrackedStretches(older)).toEqual([{
    ...{ process: other, reason: "permission-denied", message: "permission-denied" },
    ...{ fromNs: 2, untilNs: null, isTrackedAfter: false },
  }]);
});
