/**
 * Runs a command of softdirty under Node, and measures its time and memory.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** What a run took, and how it ended. */
export interface Usage {
  /** Null if it was killed. */
  readonly exitCode: number | null;
  /** Why it was killed; undefined if it ended by itself. */
  readonly killedFor: "memory" | "time" | undefined;
  /** The most memory that it had at a time. */
  readonly peakBytes: number;
  /** User and system time. */
  readonly cpuMs: number;
  readonly stdoutBytes: number;
  /** The first 2,000 characters of it. */
  readonly stderr: string;
}

/** When a run is killed. */
export interface Bounds {
  readonly peakBytes: number;
  readonly cpuMs: number;
}

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const MAIN = path("../../dist/lib/bundle/main.js");
const PRELOAD = path("usage.cjs");

/** How often a run is looked at. */
const LOOK_MS = 50;
/** Of Linux on x86-64 and arm64. */
const TICKS_PER_SECOND = 100;

/** Runs it, with `input` as its standard input. */
export function boundedRun(
  args: readonly string[],
  bounds: Bounds,
  input: string | undefined,
): Promise<Usage> {
  const child = spawn("node", ["--require", PRELOAD, MAIN, ...args], {
    stdio: ["pipe", "pipe", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  let [stdoutBytes, stderr, reported, peakBytes, cpuMs] = [0, "", "", 0, 0];
  let killedFor: Usage["killedFor"];
  child.stdin!.on("error", () => {});
  child.stdin!.end(input ?? "");
  child.stdout!.on("data", (bytes: Uint8Array) => stdoutBytes += bytes.length);
  child.stderr!.on("data", (bytes: Uint8Array) => {
    if (stderr.length < 2000) stderr += bytes.toString().slice(0, 2000);
  });
  child.stdio[3]!.on("data", (bytes: Uint8Array) => reported += bytes.toString());
  const timer = setInterval(() => {
    const seen = usageOf(child.pid!);
    if (seen === undefined) return;
    peakBytes = Math.max(peakBytes, seen.peakBytes);
    cpuMs = Math.max(cpuMs, seen.cpuMs);
    killedFor = peakBytes > bounds.peakBytes ? "memory" : cpuMs > bounds.cpuMs ? "time" : undefined;
    if (killedFor !== undefined) child.kill("SIGKILL");
  }, LOOK_MS);
  return new Promise((resolve) => {
    child.once("close", (exitCode) => {
      clearInterval(timer);
      if (reported !== "") {
        const { peakKib, userCPUTime, systemCPUTime } = JSON.parse(reported);
        peakBytes = Math.max(peakBytes, peakKib * 1024);
        cpuMs = (userCPUTime + systemCPUTime) / 1000;
      }
      resolve({ exitCode, killedFor, peakBytes, cpuMs, stdoutBytes, stderr });
    });
  });
}

/** What a process took until now; undefined once it has ended. */
function usageOf(pid: number): Bounds | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const peakKib = /^VmHWM:\s+(\d+)/m.exec(status)?.[1];
    const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13);
    if (peakKib === undefined) return undefined;
    return {
      peakBytes: Number(peakKib) * 1024,
      cpuMs: (Number(user) + Number(system)) / TICKS_PER_SECOND * 1000,
    };
  } catch {
    return undefined;
  }
}
