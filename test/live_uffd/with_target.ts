/**
 * Ends what a test has started, however the test ends.
 *
 * @module
 */

/** Starts, acts, and ends. */
export async function withTarget<T extends { end(): Promise<unknown> }, R>(
  start: () => T | Promise<T>,
  action: (target: T) => Promise<R>,
): Promise<R> {
  const target = await start();
  try {
    return await action(target);
  } finally {
    await target.end();
  }
}
