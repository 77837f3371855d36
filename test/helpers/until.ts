/**
 * Waits for what a test expects, with a limit of its own: a test that runs into that of the runner says
 * nothing of what it waited for, and can continue in the background.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";

const TIMEOUT_MS = 20_000;
const INTERVAL_MS = 2;

/** @throws Error if it is not so in time */
export async function until(isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + TIMEOUT_MS;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`Not within ${TIMEOUT_MS / 1000} s: ${isSo}`);
    await sleep(INTERVAL_MS);
  }
}
