/** The command on a real kernel with soft-dirty. */

import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { snapshotText } from "../../lib/report/snapshot_text.ts";
import { openLive } from "../../lib/session/live.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { finished, softdirty, start } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";
import { withHugePages } from "./huge_memory.ts";
import { range, Target } from "./target.ts";
import { eventCount, traceFile } from "./trace_file.ts";

let target: Target;

beforeAll(async () => {
  target = await Target.start();
});
afterAll(() => target.end());

/** These tests share a target, whose bits the first of them clears. */
const unwarned = (stderr: string) =>
  stderr.replace(
    /^softdirty: warning: .* soft-dirty bits of process \d+ were cleared before: .*\n/gm,
    "",
  );

test("doctor proves this kernel, and looks at a process", async () => {
  const { exitCode, stdout } = await softdirty("doctor", "--json", "-p", String(target.pid));
  expect(JSON.parse(stdout)).toMatchObject({
    isReady: true,
    probes: [{ tracker: "soft-dirty", works: true }, { tracker: "uffd-wp" }],
    target: {
      pid: target.pid,
      command: "deno",
      access: [{ tracker: "soft-dirty", isAllowed: true }, {}],
    },
  });
  expect(exitCode).toBe(0);
});

test("record writes as many snapshots as asked for", async () => {
  const file = traceFile("recorded");
  await target.map(0, 16);
  let isRecording = true;
  const args = ["-p", String(target.pid), "-i", "300ms", "-n", "2", "-o", file];
  const recording = softdirty("record", ...args).finally(() => isRecording = false);
  while (isRecording) await target.write(range(0, 16));
  const { exitCode, stdout, stderr } = await recording;
  expect(unwarned(stderr)).toBe("");
  expect(stdout).toBe(
    `2 snapshots in ${file}\nnext: softdirty rate ${file}, or softdirty report ${file} -o report.html\n`,
  );
  expect(exitCode).toBe(0);
  const trace = openTrace(file);
  expect(trace.snapshotCount).toBe(2);
  expect(target.pagesOf(target.area(trace.at(1)).dirty)).toEqual(range(0, 16));
});

test("top prints one look at what is written", async () => {
  await target.map(0, 16);
  let isLooking = true;
  const args = ["-p", String(target.pid), "-i", "300ms", "--once", "--json"];
  const look = softdirty("top", ...args).finally(() => isLooking = false);
  while (isLooking) await target.write(range(0, 16));
  const { exitCode, stdout, stderr } = await look;
  expect([exitCode, unwarned(stderr)]).toEqual([0, ""]);
  const { tracker, workingSetBytes, totals, mappings } = JSON.parse(stdout);
  expect([tracker, totals.windowCount]).toEqual(["soft-dirty", 1]);
  expect(workingSetBytes).toBeGreaterThanOrEqual(16 * 4096);
  expect(mappings.length).toBeGreaterThan(0);
});

test("record ends cleanly on Ctrl-C, with the file whole", async () => {
  const file = traceFile("interrupted");
  const child = start(["record", "-p", String(target.pid), "-i", "60s", "-o", file]);
  const end = finished(child);
  while (eventCount(file) < 1) await sleep(100);
  process.kill(child.pid!, "SIGINT");
  const { exitCode, stdout } = await end;
  expect(stdout).toBe(
    `1 snapshot in ${file}\nnext: softdirty rate ${file}, or softdirty report ${file} -o report.html\n`,
  );
  expect(exitCode).toBe(0);
  const trace = openTrace(file);
  expect(trace.problems).toEqual([]);
  expect(trace.snapshotCount).toBe(1);
});

test("record -- COMMAND tracks what it starts from its start, and reports how it ended", async () => {
  const file = traceFile("command");
  const script = "i=0; while [ $i -lt 100 ]; do i=$((i+1)); sleep 0.1; done; exit 3";
  const args = ["-i", "200ms", "-o", file, "--", "sh", "-c", script];
  const { exitCode, stdout, stderr } = await softdirty("record", ...args);
  expect(stdout).toMatch(/^\d+ snapshots? in /);
  expect(stderr).toBe("softdirty: the command exited with 3\n");
  expect(exitCode).toBe(0);
  const trace = openTrace(file);
  expect(trace.at(0)).toMatchObject({ process: { command: "sh" }, sinceClear: null });
  expect(trace.at(0).dirtyPopulated.equals(trace.at(0).populated)).toBe(true);
  expect(trace.at(1).sinceClear).not.toBeNull();
  expect(trace.event(trace.eventCount - 1)).toMatchObject({ reason: "process-exited" });
});

test("record reports a command that cannot be started, or that ended too soon", async () => {
  expect(await softdirty("record", "--", "/nowhere/x")).toMatchObject({
    exitCode: 1,
    stdout: "",
    stderr: expect.stringMatching(/^softdirty: Cannot start \/nowhere\/x/),
  });
  expect(await softdirty("record", "-i", "5s", "--", "true")).toMatchObject({
    exitCode: 1,
    stdout: "",
    stderr: expect.stringMatching(/ended before the first snapshot/),
  });
});

test("record ends a command that does not want to end", async () => {
  const file = traceFile("stubborn");
  const script = "trap '' TERM; while :; do sleep 1; done";
  const { exitCode, stdout } = await softdirty(
    "record",
    "-n",
    "1",
    "-o",
    file,
    "--",
    "sh",
    "-c",
    script,
  );
  expect(stdout).toBe(
    `1 snapshot in ${file}\nnext: softdirty rate ${file}, or softdirty report ${file} -o report.html\n`,
  );
  expect(exitCode).toBe(0);
});

test("record does not start a command whose trace cannot be made", async () => {
  const file = traceFile("taken");
  writeFileSync(file, "taken");
  const canary = `${file}.canary`;
  const { exitCode, stderr } = await softdirty("record", "-o", file, "--", "touch", canary);
  expect(stderr).toMatch(/file already exists/);
  expect([exitCode, existsSync(canary)]).toEqual([1, false]);
});

test("hugetlb memory is reported as untracked, never as clean", () => {
  const sd = openLive({ pid: process.pid, output: traceFile("hugetlb"), tracker: "soft-dirty" });
  const snapshot = withHugePages(4 << 20, (memory) => {
    memory.fill(1);
    sd.clear();
    memory.fill(2);
    return sd.read();
  });
  expect(snapshot.untracked.pageCount).toBe(1024);
  expect(snapshotText(snapshot)).toMatch(
    /4\.00 MiB \(.* %\) untracked: soft-dirty does not track hugetlb/,
  );
  sd.close();
  expect(openTrace(sd.tracePath!).at(0).untracked.equals(snapshot.untracked)).toBe(true);
});

test("a script says the same live and replayed", async () => {
  const file = traceFile("script");
  const script = fileURLToPath(new URL("./script.mjs", import.meta.url));
  await target.map(0, 16);
  await target.write(range(0, 16));
  const args = ["run", "-p", String(target.pid)];
  const live = await softdirty(...args, "-o", file, script, "--", "extra");
  expect([live.exitCode, unwarned(live.stderr)]).toEqual([0, ""]);
  expect(live.stdout).toMatch(/^extra: deno, \d+ pages dirty, \d+ of them ceased to be\n$/);
  expect(await softdirty("run", "--replay", file, script, "--", "extra")).toEqual({
    ...live,
    stderr: "",
  });
});

test("the shell records what is typed", async () => {
  const folder = temporaryFolder();
  const file = traceFile("typed");
  const child = start(["repl", "-p", String(target.pid), "-o", file], {
    XDG_STATE_HOME: folder,
    DENO_NO_UPDATE_CHECK: "1",
  });
  const end = finished(child);
  child.stdin!.write(
    'sd.clear()\nsd.mark("typed")\nconst a = sd.read()\na\nawait Promise.resolve(sd.pid)\n',
  );
  while (eventCount(file) < 3) await sleep(200);
  await sleep(2000);
  child.stdin!.end();
  const { exitCode, stdout } = await end;
  expect(stdout).toMatch(/cleared deno target_main\.ts \(pid \d+\) in /);
  expect(stdout).toMatch(/marked "typed"/);
  expect(stdout).toMatch(/snapshot 0 of deno/);
  expect(stdout).toContain(String(target.pid));
  expect(exitCode).toBe(0);
});

test("a process that was killed ends the recording, which says so", async () => {
  const file = traceFile("killed");
  const victim = await Target.start();
  const child = start(["record", "-p", String(victim.pid), "-i", "200ms", "-o", file]);
  const end = finished(child);
  while (eventCount(file) < 2) await sleep(100);
  await victim.end();
  if (child.exitCode === null) await once(child, "exit");
  expect((await end).exitCode).toBe(0);
  expect(openTrace(file).event(openTrace(file).eventCount - 1)).toMatchObject({ type: "exit" });
});
