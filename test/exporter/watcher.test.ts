import { expect, test } from "vitest";
import { Watcher } from "../../lib/exporter/watcher.ts";
import { ProcessError } from "../../lib/core/errors.ts";
import { LiveSource } from "../../lib/session/live_source.ts";
import { groupKernel, type ScriptedProcess } from "../helpers/group_kernel.ts";
import { until } from "../helpers/until.ts";

const OPTIONS = {
  intervalMs: 1,
  budget: 1,
  workingSetNs: 1e9,
  kernelRelease: "drawn",
  onBegin() {},
};

function watcherOf(
  looks: readonly (readonly number[])[],
  scripted: Readonly<Record<number, ScriptedProcess>> = {},
) {
  const kernel = groupKernel(looks, scripted);
  const source = new LiveSource({ output: null, kernel });
  return { watcher: new Watcher(source, { ...OPTIONS, cgroup: "a" }), kernel };
}

test("a control group that empties is waited for, and watched when it has processes again", async () => {
  const { watcher, kernel } = watcherOf([[5], [5], [5], [], [], [], [6]]);
  const stop = new AbortController();
  const end = watcher.run(stop.signal);
  await until(() => watcher.state.states.some(({ process }) => process.pid === 6));
  expect(watcher.state.states.map(({ process }) => process.pid)).toEqual([6]);
  expect(watcher.state.failureCount).toBe(0);
  expect(kernel.released).toEqual([5]);
  stop.abort();
  await end;
});

test("onBegin is called once when something is tracked, and what ends is no failure", async () => {
  let begun = 0;
  const kernel = groupKernel([[5, 6], [5, 6], [5]], { 6: { fails: "process-exited" } });
  const source = new LiveSource({ output: null, kernel });
  const watcher = new Watcher(source, { ...OPTIONS, cgroup: "a", onBegin: () => begun++ });
  const stop = new AbortController();
  const end = watcher.run(stop.signal);
  await until(() => (watcher.state.states[0]?.totals.windowCount ?? 0) > 3);
  expect([begun, watcher.state.failureCount]).toEqual([1, 0]);
  stop.abort();
  await end;
});

test("a control group that is empty from the beginning is waited for", async () => {
  const shown: string[] = [];
  const kernel = groupKernel([[], [], [6], [6], [6], [], [], [7]]);
  const watcher = new Watcher(new LiveSource({ output: null, kernel }), {
    ...OPTIONS,
    cgroup: "a",
    onBegin: () => shown.push("begin"),
    onEmpty: () => shown.push("empty"),
  });
  const stop = new AbortController();
  const end = watcher.run(stop.signal);
  await until(() => watcher.state.states.some(({ process }) => process.pid === 7));
  expect(shown).toEqual(["begin", "empty", "empty"]);
  expect(watcher.state.failureCount).toBe(0);
  stop.abort();
  await end;
});

test("a control group that does not exist is reported", async () => {
  const kernel = {
    ...groupKernel([[]]),
    members(): never {
      throw new ProcessError("no-such-process", 0, "There is no control group a");
    },
  };
  const source = new LiveSource({ output: null, kernel });
  const watcher = new Watcher(source, { ...OPTIONS, cgroup: "a" });
  await expect(watcher.run(new AbortController().signal)).rejects.toThrow(/no control group a/);
});

test("a process that cannot be tracked does not end the others", async () => {
  const { watcher } = watcherOf([[5, 6]], { 6: { fails: "permission-denied" } });
  const stop = new AbortController();
  const end = watcher.run(stop.signal);
  await until(() => (watcher.state.states[0]?.totals.windowCount ?? 0) > 3);
  expect(watcher.state.states.map(({ process }) => process.pid)).toEqual([5]);
  // It is not tried again.
  expect(watcher.state.failureCount).toBe(1);
  stop.abort();
  await end;
});
