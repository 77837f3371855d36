/**
 * What code that does not wait is doing at Node's prompt, as its thread and the one that reads keys
 * meanwhile (`key_watcher.ts`) agree on it.
 *
 * @module
 */

/** Nothing runs without a pause: keys are read as always. */
export const IDLE = 0;
/** A line runs, and can be broken off at any point. */
export const RUNNING = 1;
/** It is in a call that must not be broken off. */
export const CALLING = 2;
/** It is about to be broken off; no call begins any more. */
export const ENDING = 3;

/** A call has thrown because Ctrl-C was pressed; no signal is needed, unless that is caught. */
export const THROWN = 4;

/** The cells of the shared array: what runs. */
export const STATE = 0;
/** The number of the line that runs, or ran last, from 1. */
export const LINE = 1;
/**
 * The number of the line during which Ctrl-C was pressed last. The key is read by another thread: by a flag,
 * a key that it reads late would interrupt the next line, too.
 */
export const PRESSED_IN = 2;
/** This one is never written: waiting for it is sleeping. */
export const NEVER = 3;
export const CELLS = 4;

/** True if Ctrl-C was pressed during the line that runs. */
export function isPressed(cells: Int32Array): boolean {
  return Atomics.load(cells, PRESSED_IN) === Atomics.load(cells, LINE);
}
