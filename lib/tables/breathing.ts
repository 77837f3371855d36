/**
 * Lets signals and timers in while much is computed.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";

const LONGEST_MS = 100;

/** The same items; other events of this program are dealt with between them, ten times a second. */
export async function* breathing<T>(items: Iterable<T>): AsyncGenerator<T, void, void> {
  let lastMs = performance.now();
  for (const item of items) {
    yield item;
    if (performance.now() - lastMs < LONGEST_MS) continue;
    await setImmediate();
    lastMs = performance.now();
  }
}
