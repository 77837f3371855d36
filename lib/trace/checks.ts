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
    : fail(path, "a whole number");

/** A number from 0 on that is exact. */
export const amount: Check<number> = (value, path) =>
  Number.isFinite(value) && (value as number) >= 0 && (value as number) <= Number.MAX_SAFE_INTEGER
    ? value as number
    : fail(path, "an amount");

/** What a Date can hold, with room for all of `atNs`. */
export const time: Check<number> = (value, path) =>
  amount(value, path) <= 8e15 ? value as number : fail(path, "a time");

export const text: Check<string> = (value, path) =>
  typeof value === "string" ? value : fail(path, "text");

export const bool: Check<boolean> = (value, path) =>
  typeof value === "boolean" ? value : fail(path, "true or false");

export const list: Check<readonly unknown[]> = (value, path) =>
  Array.isArray(value) ? value : fail(path, "a list");

export const binary: Check<Uint8Array> = (value, path) =>
  value instanceof Uint8Array ? value : fail(path, "binary");

/** A map, as an object. */
export type Fields = Readonly<Record<string, unknown>>;

export const fields: Check<Fields> = (value, path) =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
    ? value as Fields
    : fail(path, "a map");

/** Nil, or what the check takes. */
export const orNull = <T>(check: Check<T>): Check<T | null> => (value, path) =>
  value === null || value === undefined ? null : check(value, path);

/** A whole number as {@linkcode count} takes it, or nil; records have these in many places. */
export const countOrNull: Check<number | null> = orNull(count);

/** One of some words. */
export const oneOf = <T extends string>(words: readonly T[]): Check<T> => (value, path) =>
  words.find((word) => word === value) ?? fail(path, words.map((word) => `"${word}"`).join(" or "));
