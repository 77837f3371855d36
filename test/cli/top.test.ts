import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { seconds } from "../helpers/drawn_snapshot.ts";
import { traceBytes } from "../helpers/memory_trace.ts";
import { recordingFile } from "../helpers/recordings.ts";
import { softdirty } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const file = recordingFile("redis");

test("top --once prints one look at a trace, at its end or where it is asked for", async () => {
  const { exitCode, stdout } = await softdirty("top", "--replay", file, "--once");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^softdirty top: replay of .*\n.*24 of 24 snapshots; soft-dirty\n/);
  expect(stdout).toMatch(
    /^redis-server \(pid 106\) writes 9\.40 MiB\/s; its working set of 10\.1 s/m,
  );
  expect(stdout).toMatch(/^ +7f5eadc00000 rw-p \[anon\] +7\.25 MiB\/s +6\.00 MiB +8\.00 MiB /m);
  const early = await softdirty("top", "--replay", file, "--once", "--at", "6s", "--json");
  const look = JSON.parse(early.stdout);
  expect(look.totals.windowCount).toBeLessThan(24);
  expect(look.mappings[0]).toMatchObject({ perms: "rw-p", name: "" });
});

test("top --once says so where there is nothing to show", async () => {
  const { exitCode, stderr } = await softdirty("top", "--replay", file, "--once", "--at", "0s");
  expect([exitCode, stderr]).toEqual([
    ...[1, "softdirty: no snapshot was measured from a clear until here\n"],
  ]);
});

test("top --once counts all of a trace, however long it is", async () => {
  const trace = join(temporaryFolder(), "long.sdtrace");
  const many = seconds(...Array.from({ length: 500 }, () => "0 rw-p - D"));
  writeFileSync(trace, traceBytes((writer) => many.forEach((one) => writer.read(one))));
  const { stdout } = await softdirty("top", "--replay", trace, "--once", "--json");
  expect(JSON.parse(stdout).totals).toMatchObject({ windowCount: 500, dirtyBytes: 500 * 4096 });
});

test.each([
  [["--once"], "give one of -p PID, --cgroup PATH and --replay FILE"],
  [[], "top needs a terminal; --once prints one look"],
  [["-p", "1", "--replay", file], "give one of -p PID, --cgroup PATH and --replay FILE"],
  [["--replay", file], "top needs a terminal; --once prints one look"],
  [["--replay", file, "--json"], "--json needs --once"],
  [["--replay", file, "--once", "--speed", "0"], "--speed takes a number above 0"],
  [["-p", "1,x"], "Give a process id"],
])("top refuses what it cannot show: %j", async (args, message) => {
  const { exitCode, stderr } = await softdirty("top", ...args);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
});
