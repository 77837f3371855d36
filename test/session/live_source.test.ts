import { existsSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { LiveSource } from "../../lib/session/live_source.ts";
import { openTrace } from "../../lib/files/open_trace.ts";
import { drawnKernel } from "../helpers/drawn_kernel.ts";
import { groupKernel } from "../helpers/group_kernel.ts";
import { workInTemporaryFolder } from "../helpers/temporary_folder.ts";

const group = { treeOf: 5 };

test("nothing is kept of a process of a group that is gone", async () => {
  const source = new LiveSource({ output: null, kernel: groupKernel([[5, 6], [5]]) });
  const read = () => {
    source.members(group);
    source.clear(6);
    return new WeakRef(source.read(6));
  };
  const last = read();
  expect(last.deref()).toBeDefined();
  source.members(group);
  setFlagsFromString("--expose-gc");
  // A WeakRef holds on until the turn of the event loop is over.
  await new Promise((resolve) => setTimeout(resolve, 0));
  runInNewContext("gc")();
  expect(last.deref()).toBeUndefined();
});

test("a recording begins where it is asked for, with the clear before, and ends there too", () => {
  workInTemporaryFolder();
  const source = new LiveSource({
    output: null,
    kernel: drawnKernel(["0 rw-p - D", "0 rw-p - DD", "0 rw-p - DDD", "0 rw-p - DDDD"]),
  });
  source.clear(42);
  source.take(42);
  source.startRecording();
  expect(source.tracePath).toMatch(/^recordings\/\d{8}T\d{6}\.\d{3}Z\.sdtrace$/);
  source.take(42);
  source.take(42);
  const first = source.stopRecording()!;
  source.take(42);
  const trace = openTrace(first);
  expect([...trace.snapshots].map(({ dirty }) => dirty.pageCount)).toEqual([2, 3]);
  expect(trace.at(0).sinceClear).not.toBeNull();
  expect(trace.problems).toEqual([]);
  source.close();
});

test("a recording in which nothing happened leaves no file", () => {
  workInTemporaryFolder();
  const source = new LiveSource({ output: null, kernel: drawnKernel(["0 rw-p - D"]) });
  source.startRecording();
  expect(source.stopRecording()).toBeUndefined();
  expect(source.tracePath).toBeUndefined();
});

test("a recording of a group has its members", () => {
  workInTemporaryFolder();
  const source = new LiveSource({ output: null, kernel: groupKernel([[5, 6]]) });
  source.members(group);
  source.clear(5);
  source.startRecording();
  source.take(5);
  const events = [...openTrace(source.stopRecording()!).events()];
  expect(events.map((event) => "type" in event ? event.type : "read")).toEqual([
    ...["found", "found", "clear", "read", "clear"],
  ]);
  source.close();
});

test("a recording of a group in which nothing was read leaves no file, also if one of it cannot be", () => {
  workInTemporaryFolder();
  const kernel = groupKernel([[5, 6]], { 6: { fails: "permission-denied" } });
  const source = new LiveSource({ output: null, kernel });
  source.members(group);
  source.startRecording();
  expect(source.stopRecording()).toBeUndefined();
  source.startRecording();
  expect(() => source.take(6)).toThrow("permission-denied");
  const path = source.tracePath!;
  expect(source.stopRecording()).toBeUndefined();
  expect(existsSync(path)).toBe(false);
});

test("a timer has its turn, also where nothing is waited for", async () => {
  const source = new LiveSource({ output: null, kernel: drawnKernel([]) });
  let isOver = false;
  setTimeout(() => isOver = true, 5);
  while (!isOver) await source.wait(0);
  expect(isOver).toBe(true);
});
