import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Snapshot } from "../../lib/core/snapshot.ts";
import { openReplay, openTrace, type Sd } from "../../lib/session/sd.ts";
import { openLive } from "../helpers/open_live.ts";
import { pidOf } from "../../lib/trace/of_process.ts";
import { groupKernel, type ScriptedProcess } from "../helpers/group_kernel.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

type Options = Parameters<Sd["watch"]>[1];

async function watched(sd: Sd, options: Options): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  const watch = sd.watch(undefined, { intervalMs: 1, children: true, ...options });
  for await (const snapshot of watch) snapshots.push(snapshot);
  return snapshots;
}

/** Records a tree with root 5, and gives the pids of its snapshots and the events of its trace. */
async function recorded(
  looks: readonly (readonly number[])[],
  scripted: Readonly<Record<number, ScriptedProcess>> = {},
  options: Options = {},
) {
  const output = join(temporaryFolder(), "a.sdtrace");
  const kernel = groupKernel(looks, scripted);
  const sd = openLive({ pid: 5, output, kernel });
  const snapshots = await watched(sd, options);
  sd.close();
  const events = [...openTrace(output).events()].map((event) =>
    "type" in event ? `${event.type} ${pidOf(event)}` : `read ${event.process.pid}`
  );
  const { released } = kernel;
  return { output, snapshots, events, released, pids: snapshots.map((one) => one.process.pid) };
}

describe("sd.watch() of a tree of processes", () => {
  test("takes a snapshot of each process in each round, those that come later too", async () => {
    const { pids, events, released } = await recorded([[5], [5], [5, 6], [6], []]);
    expect(pids).toEqual([5, 5, 6, 6]);
    expect(events).toEqual([
      ...["found 5", "clear 5"],
      ...["read 5", "clear 5"],
      ...["fork 6", "read 5", "clear 5", "read 6", "clear 6"],
      ...["exit 5", "read 6", "clear 6"],
      "exit 6",
    ]);
    expect(released).toEqual([5, 6]);
  });

  test("clears what was there, and shows what came later from its start", async () => {
    const { snapshots } = await recorded([[5], [5, 6]], {}, { count: 2 });
    expect(snapshots.map((one) => one.sinceClear === null)).toEqual([false, true, false, false]);
  });

  test("an exec ends what the snapshots of a process are measured from", async () => {
    const { snapshots, events } = await recorded([[5], [5]], { 5: { execBefore: 2 } }, {
      count: 3,
    });
    expect(snapshots.map((one) => one.sinceClear === null)).toEqual([false, true, false]);
    expect(events.slice(2)).toEqual([
      ...["read 5", "clear 5"],
      ...["exec 5", "read 5", "clear 5", "read 5", "clear 5"],
    ]);
  });

  test("a process that cannot be tracked is reported once, and not tried again", async () => {
    const looks = [[5], [5, 6]];
    const { pids, events } = await recorded(looks, { 6: { fails: "permission-denied" } }, {
      count: 3,
    });
    expect(pids).toEqual([5, 5, 5]);
    expect(events.filter((event) => event.endsWith(" 6"))).toEqual(["fork 6", "untracked 6"]);
  });

  test("a process that could not be read just then is tried again", async () => {
    const failing = { 6: { fails: "address-space-replaced", times: 1 } } as const;
    const { pids } = await recorded([[5], [5, 6]], failing, { count: 2 });
    expect(pids).toEqual([5, 5, 6]);
  });

  test("a child that has its parent's memory is read there, until it has its own", async () => {
    const { pids, events } = await recorded([[5], [5, 6]], { 6: { parentPid: 5, sharesWith: 5 } }, {
      count: 2,
    });
    expect(pids).toEqual([5, 5]);
    expect(events).not.toContain("fork 6");
  });

  test("fails if the process that was named cannot be tracked, or is not there", async () => {
    const denied = groupKernel([[5]], { 5: { fails: "permission-denied" } });
    await expect(watched(openLive({ pid: 5, output: null, kernel: denied }), {})).rejects
      .toMatchObject({ code: "permission-denied" });
    await expect(watched(openLive({ pid: 5, output: null, kernel: groupKernel([[]]) }), {})).rejects
      .toThrow("There is no process 5");
  });

  test("of a control group needs no pid, and says if no process is in it", async () => {
    const sd = openLive({ output: null, kernel: groupKernel([[7, 8]]) });
    const snapshots = await watched(sd, { cgroup: "a", children: false, count: 1 });
    expect(snapshots.map((one) => one.process.pid)).toEqual([7, 8]);
    const empty = openLive({ output: null, kernel: groupKernel([[]]) });
    await expect(watched(empty, { cgroup: "a" })).rejects.toThrow(/no process in control group a/);
  });

  test("gives the same snapshots from a trace", async () => {
    const looks = [[5], [5], [5, 6, 7], [6, 7], [6], []];
    const scripted = {
      6: { execBefore: 1 },
      7: { fails: "address-space-replaced", times: 1 },
    } as const;
    const { output, snapshots } = await recorded(looks, scripted);
    expect(snapshots.length).toBeGreaterThan(4);
    expect(await watched(openReplay(output), {})).toEqual(snapshots);
    expect(await watched(openReplay(output), { count: 2 })).toEqual(
      snapshots.slice(0, 3),
    );
  });
});
