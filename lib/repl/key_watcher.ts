/**
 * A thread that reads keys while the shell's own thread runs code that does not wait, and has Node break
 * that code off on Ctrl-C: with the signal that Node's watchdog waits for, but never in a call that must
 * be whole.
 *
 * @module
 */

import { constants, openSync, readSync } from "node:fs";
import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import {
  ENDING,
  IDLE,
  isPressed,
  LINE,
  NEVER,
  PRESSED_IN,
  RUNNING,
  STATE,
  THROWN,
} from "./sync_state.ts";

const CTRL_C = "\x03";
/** Before the first look, so that a line that takes no time costs none. */
const FIRST_MS = 100;
const LOOK_MS = 50;
/** So long after a call has thrown, somebody must have caught that. */
const CAUGHT_MS = 2000;

const cells: Int32Array = workerData;
// Opened again: reading this does not wait, whatever the shell does with its own.
const keys = openSync("/proc/self/fd/0", constants.O_RDONLY | constants.O_NONBLOCK);
const bytes = new Uint8Array(4096);
parentPort!.postMessage("");

for (;;) {
  Atomics.wait(cells, STATE, IDLE);
  sleep(FIRST_MS);
  let thrownMs = 0;
  while (Atomics.load(cells, STATE) !== IDLE) {
    const line = Atomics.load(cells, LINE);
    const text = typed();
    const end = text.lastIndexOf(CTRL_C);
    if (end >= 0) Atomics.store(cells, PRESSED_IN, line);
    // What was typed before it is given up, as terminals do; the rest is for the prompt.
    if (text.length > end + 1) parentPort!.postMessage(text.slice(end + 1));
    if (isPressed(cells)) breakOff(RUNNING);
    thrownMs = Atomics.load(cells, STATE) === THROWN ? thrownMs + LOOK_MS : 0;
    if (thrownMs > CAUGHT_MS) breakOff(THROWN);
    sleep(LOOK_MS);
  }
}

/** Does nothing in a call, at whose end the key is found. A second signal would end the shell. */
function breakOff(from: number): void {
  if (Atomics.compareExchange(cells, STATE, from, ENDING) === from) {
    process.kill(process.pid, "SIGINT");
  }
}

function typed(): string {
  try {
    return new TextDecoder().decode(bytes.subarray(0, readSync(keys, bytes)));
  } catch {
    return ""; // nothing was typed
  }
}

function sleep(ms: number): void {
  Atomics.wait(cells, NEVER, 0, ms);
}
