/**
 * Checks of decoded values, which may come from anywhere.
 *
 * @module
 */

/** Returns the value if it is what it should be. */
export type Check<T> = (value: unknown, path: string) => T;

/** Refuses a value. */
export function fail(path: string, expected: string): never {
  throw new RangeError(`${path} is not ${expected}`);
}

/** A whole number from 0 on that is exact. */
export const count: Check<number> = (value, path) =>
  Number.isSafeInteger(value) && (value as number) >= 0
    ? value as number
    : fail(path, "a whole number from 0 on");

/** A finite number from 0 on. */
export const amount: Check<number> = (value, path) =>
  Number.isFinite(value) && (value as number) >= 0
    ? value as number
    : fail(path, "a number from 0 on");

export const text: Check<string> = (value, path) =>
  typeof value === "string" ? value : fail(path, "text");

export const bool: Check<boolean> = (value, path) =>
  typeof value === "boolean" ? value : fail(path, "true or false");

export const list: Check<readonly unknown[]> = (value, path) =>
  Array.isArray(value) ? value : fail(path, "an array");

export const binary: Check<Uint8Array> = (value, path) =>
  value instanceof Uint8Array ? value : fail(path, "binary");

/** A map, as an object. */
export type Fields = Readonly<Record<string, unknown>>;

export const fields: Check<Fields> = (value, path) =>
  typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Uint8Array)
    ? value as Fields
    : fail(path, "a map");

/** Nil, or what the check takes. */
export const orNull = <T>(check: Check<T>): Check<T | null> => (value, path) =>
  value === null || value === undefined ? null : check(value, path);

/** One of some words. */
export const oneOf = <T extends string>(words: readonly T[]): Check<T> => (value, path) =>
  words.find((word) => word === value) ?? fail(path, words.map((word) => `"${word}"`).join(" or "));
