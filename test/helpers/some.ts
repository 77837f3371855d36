/**
 * Loops whose body asserts something must run at least once.
 *
 * @module
 */

import { expect } from "vitest";

/** All of them, of which there must be one at least. */
export function some<T>(all: Iterable<T>): readonly T[] {
  const list = [...all];
  expect(list.length).toBeGreaterThan(0);
  return list;
}
