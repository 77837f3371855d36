/**
 * Waits without giving control away: the calls of a tracker are synchronous.
 *
 * @module
 */

/** How long a wait spins before it sleeps between its tries; most things come within microseconds. */
export const SPIN_MS = 1;
/** How long it then sleeps. */
export const NAP_MS = 0.2;
const napper = new Int32Array(new SharedArrayBuffer(4));

/** Sleeps. */
export function sleepSync(milliseconds: number): void {
  Atomics.wait(napper, 0, 0, milliseconds);
}

/** Tries until `isDone`, or the time is over; then it returns false. */
export function waitUntilSync(isDone: () => boolean, timeoutMs: number): boolean {
  const startMs = performance.now();
  while (!isDone()) {
    const elapsedMs = performance.now() - startMs;
    if (elapsedMs > timeoutMs) return false;
    if (elapsedMs > SPIN_MS) sleepSync(NAP_MS);
  }
  return true;
}
