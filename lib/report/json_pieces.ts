/**
 * JSON piece by piece: a snapshot has a million runs, and their text should not be made at once.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { jsonPieces, Listed } from "./json_pieces.ts";
 *
 * const squares = new Listed(function* () {
 *   for (let i = 0; i < 1000; i++) yield i * i;
 * });
 * const text = [...jsonPieces({ squares })].join("");
 * assert.deepEqual(JSON.parse(text).squares[999], 999 * 999);
 * assert.equal(text, JSON.stringify({ squares }));
 * ```
 *
 * @module
 */

import { plainJson } from "../core/plain_text.ts";

/** So many elements of a list at a time. */
const AT_A_TIME = 256;
/** Lists lie no deeper in what is printed. */
const MAX_DEPTH = 4;

/** A list whose elements are made when they are asked for; an array in JSON. */
export class Listed<T> implements Iterable<T> {
  readonly #make: () => Iterable<T>;

  constructor(make: () => Iterable<T>) {
    this.#make = make;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#make()[Symbol.iterator]();
  }

  toJSON(): T[] {
    return [...this];
  }
}

/** The same text as `plainJson` makes, in pieces that are not much longer than a list is short. */
export function* jsonPieces(value: unknown, depth = 0): Generator<string, void, void> {
  if (depth > MAX_DEPTH || typeof value !== "object" || value === null) yield plainJson(value);
  else if (value instanceof Listed) yield* listPieces(value, depth);
  else if (Array.isArray(value)) yield* listPieces(value, depth);
  else if (Object.getPrototypeOf(value) === Object.prototype) yield* fieldPieces(value, depth);
  else yield plainJson(value);
}

function* fieldPieces(value: object, depth: number): Generator<string, void, void> {
  let separator = "{";
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined || typeof field === "function") continue;
    yield `${separator}${plainJson(name)}:`;
    yield* jsonPieces(field, depth + 1);
    separator = ",";
  }
  yield separator === "{" ? "{}" : "}";
}

/** Small elements are handed over together. */
function* listPieces(list: Iterable<unknown>, depth: number): Generator<string, void, void> {
  let separator = "[";
  let together: unknown[] = [];
  for (const element of list) {
    if (isSmall(element)) {
      together.push(element);
      if (together.length < AT_A_TIME) continue;
    }
    if (together.length > 0) {
      yield `${separator}${plainJson(together).slice(1, -1)}`;
      separator = ",";
      together = [];
    }
    if (isSmall(element)) continue;
    yield separator;
    yield* jsonPieces(element, depth + 1);
    separator = ",";
  }
  if (together.length > 0) yield `${separator}${plainJson(together).slice(1, -1)}`;
  yield separator === "[" && together.length === 0 ? "[]" : "]";
}

/** True if an element has no long list in it, as far as one sees at a glance. */
function isSmall(element: unknown): boolean {
  if (typeof element !== "object" || element === null) return true;
  if (element instanceof Listed) return false;
  if (Array.isArray(element)) return element.length <= 16 && element.every(isSmall);
  for (const field of Object.values(element)) {
    if (field instanceof Listed || Array.isArray(field) && field.length > 16) return false;
    if (typeof field === "object" && field !== null && !isSmall(field)) return false;
  }
  return true;
}
