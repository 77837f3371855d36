import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  cgroupMembers,
  processTree,
  runningProcesses,
} from "../../../lib/kernel/proc/process_groups.ts";
import { ProcFs } from "../../../lib/kernel/proc/proc_fs.ts";
import { FakeProc } from "../../helpers/fake_proc.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

let fake: FakeProc;
let proc: ProcFs;
beforeEach(() => {
  fake = new FakeProc();
  proc = new ProcFs(fake.root);
});
afterEach(() => fake.remove());

const pids = (members: readonly { pid: number }[]) => members.map(({ pid }) => pid).sort();

test("processTree() finds children and their children, whatever the order of their pids", () => {
  fake.put({ pid: 50, command: "root" });
  fake.put({ pid: 70, parentPid: 50 });
  fake.put({ pid: 20, parentPid: 70, command: "reused pid", startTimeTicks: 9 });
  fake.put({ pid: 10, parentPid: 20 });
  fake.put({ pid: 60, parentPid: 1 });
  const tree = processTree(proc, [50]);
  expect(pids(tree)).toEqual([10, 20, 50, 70]);
  expect(tree).toContainEqual({
    pid: 20,
    startTimeTicks: 9,
    command: "reused pid",
    parentPid: 70,
  });
});

test("runningProcesses() has all that have memory, with how much is in RAM, but for one", () => {
  fake.put({ pid: 5, command: "a", residentPages: 300, startTimeTicks: 9 });
  fake.put({ pid: 6, state: "Z" });
  fake.put({ pid: 7, flags: 0x20_0000 });
  fake.put({ pid: 8 });
  expect(runningProcesses(proc, 8)).toEqual([
    { pid: 5, startTimeTicks: 9, command: "a", residentPages: 300 },
  ]);
});

test("processTree() keeps a child whose parent ended, if it was known", () => {
  fake.put({ pid: 70, parentPid: 1 });
  fake.put({ pid: 71, parentPid: 70 });
  expect(pids(processTree(proc, [50, 70]))).toEqual([70, 71]);
});

test("processTree() leaves out what has no memory", () => {
  fake.put({ pid: 50 });
  fake.put({ pid: 51, parentPid: 50, state: "Z" });
  fake.put({ pid: 52, parentPid: 50, flags: 0x20_0000 });
  expect(pids(processTree(proc, [50]))).toEqual([50]);
});

test("cgroupMembers() takes a path below the mount, or the folder itself", () => {
  const mount = temporaryFolder();
  const line = `30 20 0:26 / ${mount} rw - cgroup2 cgroup2 rw\n`;
  writeFileSync(join(fake.root, "self/mountinfo"), line);
  mkdirSync(join(mount, "a/b"), { recursive: true });
  writeFileSync(join(mount, "a/cgroup.procs"), "50\n");
  writeFileSync(join(mount, "a/b/cgroup.procs"), "51\n99\n");
  fake.put({ pid: 50 });
  fake.put({ pid: 51 });
  expect(pids(cgroupMembers(proc, "a"))).toEqual([50, 51]);
  expect(pids(cgroupMembers(proc, "/a"))).toEqual([50, 51]);
  expect(pids(cgroupMembers(proc, join(mount, "a/b")))).toEqual([51]);
  expect(() => cgroupMembers(proc, "c")).toThrow(/no control group .*\/c\. .*systemd-cgls/);
  writeFileSync(join(fake.root, "self/mountinfo"), "");
  expect(() => cgroupMembers(proc, "a")).toThrow(/No control groups of version 2/);
});
