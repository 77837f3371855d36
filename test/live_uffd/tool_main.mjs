/**
 * A program that attaches to a process as the uffd-wp tracker does, and prints each step. It can be
 * killed at any of them.
 *
 * Arguments: a pid, and a {@link import("./tool.ts").ToolOptions} as JSON.
 *
 * @module
 */

import { readSync, writeSync } from "node:fs";
import process from "node:process";

const isDeno = "deno" in process.versions;
const kernel = (name) =>
  import(isDeno ? `../../lib/kernel/${name}.ts` : `../../dist/lib/kernel/${name}.js`);
const [
  { attach },
  { ProcFs },
  { currentArch },
  { mappedMemory },
  { PagemapScan },
  { TrackedSpace },
  { Userfaultfd },
] = await Promise.all(
  [
    "inject/attach",
    "proc/proc_fs",
    "inject/current_arch",
    "pagemap/mapped_memory",
    "pagemap/pagemap_scan",
    "uffd/tracked_space",
    "inject/userfaultfd",
  ].map(kernel),
);

const pid = Number(process.argv[2]);
const { rounds = 1, dieAt, pauseAt, suspendAt, suspendBy, hasOwnTable, isQuiet, stays } = JSON
  .parse(process.argv[3] ?? "{}");
/** One round in so many. */
const REGISTERED = 4;

const proc = new ProcFs();
const pageSizeBytes = proc.pageSizeBytes();
const scan = new PagemapScan(proc);

const napper = new Int32Array(new SharedArrayBuffer(4));

/** Tries again while it fails: the runtime may have made its files non-blocking. */
function untilReady(action) {
  for (;;) {
    try {
      return action();
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(napper, 0, 0, 1);
    }
  }
}

function print(...words) {
  const line = new TextEncoder().encode(`${words.join(" ")}\n`);
  for (let at = 0; at < line.length;) at += untilReady(() => writeSync(1, line, at));
}

/** Until a line comes. */
function pause() {
  const byte = new Uint8Array(1);
  while (byte[0] !== 10) untilReady(() => readSync(0, byte));
}

function onStep(step) {
  if (!isQuiet) print("step", step);
  if (step === dieAt) process.kill(process.pid, "SIGKILL");
  if (step === suspendAt) {
    process.kill(process.pid, suspendBy);
    // The signal is for all threads, and can come to this one a little later.
    Atomics.wait(napper, 0, 0, 50);
  }
  if (step !== pauseAt) return;
  print("paused");
  pause();
}

/** Attaches, protects all memory in some of the rounds, since that takes longest, and gives it up. */
function round(number) {
  const options = hasOwnTable === undefined ? { onStep } : { onStep, hasOwnTable };
  const { userfaultfd, stoppedNs } = attach(proc, pid, currentArch(), options);
  const space = new TrackedSpace(new Userfaultfd(userfaultfd), scan, false, pageSizeBytes);
  if (number % REGISTERED === 0) register(space);
  space.close();
  print("round", stoppedNs);
}

function register(space) {
  if (!isQuiet) print("step", "registering");
  const pagemap = proc.openPagemap(pid);
  const memory = mappedMemory(proc.maps(pid, pageSizeBytes));
  const { pages } = space.unprotected(pagemap.descriptor, memory.mapped);
  space.register(pagemap.descriptor, memory, pages, pageSizeBytes);
  space.protect(pagemap.descriptor, memory.mapped);
  pagemap.close();
}

try {
  for (let i = 0; i < rounds; i++) round(i);
  print("done");
} catch (error) {
  print("error", JSON.stringify({ code: error.code, message: error.message }));
}
// Timers continue while it stays, as in a session.
if (stays) process.stdin.resume();
