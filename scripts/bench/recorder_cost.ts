/**
 * What a recorder costs: its share of a core at ten snapshots a second, and its memory after many.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Contest, RUNTIMES } from "./contest.ts";
import { mb } from "./figures.ts";
import type { HelperProcess } from "./helper_process.ts";

const SHARE = 100;
const WARM_UP_MS = 3000;
const MEASURED_MS = 20_000;
const SNAPSHOTS = 10_000;
/** USER_HZ, in which `/proc/PID/stat` counts, on all architectures that runtimes exist for. */
const TICKS_PER_SECOND = 100;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const COMMANDS: Readonly<Record<typeof RUNTIMES[number], readonly string[]>> = {
  Deno: [process.execPath, "run", "-A", here("../../lib/cli/main.ts")],
  Node: ["node", here("../../dist/lib/bundle/main.js")],
};

/** Runs and prints it. */
export async function recorderCost(contest: Contest): Promise<void> {
  console.log(`\n== cost: recording 1 GiB, of which one page in ${SHARE} is written at random`);
  const folder = mkdtempSync(join(tmpdir(), "softdirty-cost-"));
  const target = contest.peer("target", 1, 0);
  await target.line();
  try {
    for (const runtime of RUNTIMES) {
      const trace = join(folder, `${runtime}.sdtrace`);
      const busy = record(runtime, target, `${trace}.1`, "100ms");
      const share = await whileWriting(target, 100, cpuShare(busy));
      await ended(busy);
      const long = record(runtime, target, trace, "1ms", "-n", String(SNAPSHOTS));
      const bytes = await whileWriting(target, 5, highestMemory(long));
      console.log(`${runtime}
  at 10 Hz                ${(share * 100).toFixed(1)} % of one core (at most 10)
  ${SNAPSHOTS} snapshots        ${mb(bytes)} at most (under 120), trace of ${
        mb(statSync(trace).size)
      }`);
    }
  } finally {
    await target.end();
    rmSync(folder, { recursive: true });
  }
}

function record(
  runtime: typeof RUNTIMES[number],
  target: HelperProcess,
  trace: string,
  interval: string,
  ...more: readonly string[]
): ChildProcess {
  const [command, ...args] = COMMANDS[runtime];
  const options = ["-p", String(target.pid), "--tracker", "uffd-wp", "-i", interval, "-o", trace];
  return spawn(command, [...args, "record", ...options, ...more], { stdio: "ignore" });
}

/** Has the target write every so often until something is done. */
async function whileWriting<T>(
  target: HelperProcess,
  everyMs: number,
  measured: Promise<T>,
): Promise<T> {
  let isDone = false;
  const done = measured.finally(() => isDone = true);
  while (!isDone) {
    await target.ask(String(SHARE));
    await sleep(everyMs);
  }
  return await done;
}

async function cpuShare(recorder: ChildProcess): Promise<number> {
  await sleep(WARM_UP_MS);
  const startTicks = cpuTicks(recorder.pid!);
  await sleep(MEASURED_MS);
  return (cpuTicks(recorder.pid!) - startTicks) / TICKS_PER_SECOND / (MEASURED_MS / 1e3);
}

/** Fields 14 and 15 of `/proc/PID/stat`: user and system time. */
function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/.*\) /s, "").split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

async function highestMemory(recorder: ChildProcess): Promise<number> {
  let bytes = 0;
  while (recorder.exitCode === null && recorder.signalCode === null) {
    const status = readFileSync(`/proc/${recorder.pid}/status`, "utf8");
    bytes = Math.max(bytes, Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0) * 1024);
    await sleep(100);
  }
  if (recorder.exitCode !== 0) throw new Error(`the recorder ended with ${recorder.exitCode}`);
  return bytes;
}

async function ended(recorder: ChildProcess): Promise<void> {
  const exit = once(recorder, "exit");
  recorder.kill("SIGTERM");
  await exit;
}
