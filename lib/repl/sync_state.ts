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

/** The cells of the shared array: what runs, and whether Ctrl-C was pressed meanwhile. */
export const STATE = 0;
export const IS_PRESSED = 1;
/** This one is never written: waiting for it is sleeping. */
export const NEVER = 2;
export const CELLS = 3;
