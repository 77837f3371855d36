/**
 * Random numbers of tests that want luck, as when to kill a process: the seed is printed, and
 * `SOFTDIRTY_TEST_SEED` draws the same numbers again.
 *
 * @module
 */

import process from "node:process";

/** Numbers from 0 to below 1, by a linear congruential generator (Park and Miller 1988). */
export function seeded(name: string): () => number {
  const seed = Number(
    process.env.SOFTDIRTY_TEST_SEED ?? Math.floor(Math.random() * 2147483646) + 1,
  );
  console.log(`${name}: SOFTDIRTY_TEST_SEED=${seed}`);
  let state = seed;
  return () => (state = state * 48271 % 2147483647) / 2147483647;
}
