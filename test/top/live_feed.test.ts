import { expect, test } from "vitest";
import { TraceError } from "../../lib/core/errors.ts";
import { LiveSource } from "../../lib/session/live_source.ts";
import { openTrace } from "../../lib/files/open_trace.ts";
import { LiveFeed } from "../../lib/top/live_feed.ts";
import { drawnKernel } from "../helpers/drawn_kernel.ts";
import { groupKernel } from "../helpers/group_kernel.ts";
import { workInTemporaryFolder } from "../helpers/temporary_folder.ts";

const never = () => new AbortController().signal;

test("a recording that fails is ended, and what is watched is still shown", async () => {
  workInTemporaryFolder();
  const drawings = Array.from({ length: 5 }, () => "0 rw-p - D");
  const source = new LiveSource({ output: null, kernel: drawnKernel(drawings) });
  const take = source.take.bind(source);
  let takes = 0;
  source.take = (pid) => {
    if (++takes === 2) throw new TraceError("cannot-write", "a", "Cannot append: no space left");
    return take(pid);
  };
  const feed = new LiveFeed(source, { pids: [42] }, { intervalMs: 1 });
  const run = feed.run(() => {
    if (takes === 1) feed.key("r");
  }, never());
  await run;
  expect(feed.table.states[0].totals.windowCount).toBe(5);
  expect(source.tracePath).toBeUndefined();
  expect(feed.failures).toEqual(["Cannot append: no space left"]);
  expect(feed.status().join("\n")).toContain("Cannot append: no space left");
});

test("a recording of what has ended is whole, and reported", async () => {
  workInTemporaryFolder();
  const drawings = Array.from({ length: 5 }, () => "0 rw-p - D");
  const source = new LiveSource({ output: null, kernel: drawnKernel(drawings) });
  const feed = new LiveFeed(source, { pids: [42] }, { intervalMs: 1 });
  const run = feed.run(() => {
    if (feed.table.all.windowCount === 1 && source.tracePath === undefined) feed.key("r");
  }, never());
  await run;
  expect(feed.recorded).toHaveLength(1);
  expect(feed.status()).toContain(`recorded ${feed.recorded[0]}`);
  expect(openTrace(feed.recorded[0]).problems).toEqual([]);
});

test("a process that is named twice is watched once, so that it does not take its own bits away", async () => {
  const source = new LiveSource({ output: null, kernel: groupKernel([[5]]) });
  const feed = new LiveFeed(source, { pids: [5, 5] }, { intervalMs: 1, count: 1 });
  await feed.run(() => {}, never());
  expect(feed.table.all.windowCount).toBe(1);
  expect(feed.status()[0]).toBe("softdirty top: 1 process, soft-dirty, each 1.00 ms");
});

test("one of several processes that ends goes, and the last one stays as it was seen last", async () => {
  const kernel = groupKernel([[5, 6]], { 6: { fails: "process-exited" } });
  const source = new LiveSource({ output: null, kernel });
  const stop = new AbortController();
  const feed = new LiveFeed(source, { pids: [5, 6, 5] }, { intervalMs: 1 });
  const pids = () => feed.table.states.map((state) => state.process.pid);
  const run = feed.run(() => {
    if ((feed.table.states[0]?.totals.windowCount ?? 0) > 3) stop.abort();
  }, stop.signal);
  await run;
  expect(pids()).toEqual([5]);
  expect(feed.status()[0]).toContain("ended; this is the last that was seen");
  expect(feed.failures).toEqual(["process-exited 6"]);
});
