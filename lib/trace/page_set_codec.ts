/**
 * Page sets as bytes, in the smallest of four forms. `FORMAT.md` has them bit by bit.
 *
 * - *runs*: gaps and lengths of runs as varints; for few runs.
 * - *pages*: the gap before each page, Rice-coded; for pages that lie scattered.
 * - *holes*: the gap before each page between the first and the last that is not in the set.
 * - *Rice runs*: gaps and lengths of runs, each Rice-coded; for many runs of many pages.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { PageSet } from "../core/page_set.ts";
 * import { decodePageSet, encodePageSet } from "./page_set_codec.ts";
 *
 * const set = PageSet.from([{ start: 300, end: 301 }, { start: 310, end: 312 }]);
 * assert(decodePageSet(encodePageSet(set)).equals(set));
 * ```
 *
 * @module
 */

import { PageSet } from "../core/page_set.ts";
import type { PageUnion } from "../core/page_union.ts";
import { addRicePages, decodeRice, encodeRice } from "./rice_page_set.ts";
import { planRice, type RicePlan } from "./rice_plan.ts";
import { decodeVarintRuns, encodeVarintRuns } from "./varint_runs.ts";

/** The first byte of the form of varints; the Rice-coded forms have others. */
const VARINT_RUNS = 0;

/** Beyond so many runs, varints are never the smallest form of anything that was met. */
const FEW_RUNS = 256;

/** Encodes a set in its smallest form; without pages it is no bytes at all. */
export function encodePageSet(set: PageSet): Uint8Array {
  return set.isEmpty ? new Uint8Array(0) : encodePlanned(set, planRice(set));
}

/** As {@linkcode encodePageSet}, or undefined, and soon, if that is not smaller than `limitBytes`. */
export function encodeSmaller(set: PageSet, limitBytes: number): Uint8Array | undefined {
  // Each run takes a bit at the very least.
  if (set.runCount > limitBytes * 8) return undefined;
  if (set.isEmpty) return limitBytes > 0 ? new Uint8Array(0) : undefined;
  const plan = planRice(set);
  if (set.runCount > FEW_RUNS && plan.bits >= limitBytes * 8) return undefined;
  const bytes = encodePlanned(set, plan);
  return bytes.length < limitBytes ? bytes : undefined;
}

function encodePlanned(set: PageSet, plan: RicePlan): Uint8Array {
  if (set.runCount > FEW_RUNS) return encodeRice(set, plan);
  const runs = encodeVarintRuns(set);
  if (plan.bits / 8 > runs.length) return withFirstByte(VARINT_RUNS, runs);
  const rice = encodeRice(set, plan);
  return rice.length < runs.length + 1 ? rice : withFirstByte(VARINT_RUNS, runs);
}

/**
 * Decodes a set.
 *
 * @throws RangeError if the bytes are not a set.
 */
export function decodePageSet(bytes: Uint8Array): PageSet {
  if (bytes.length === 0) return PageSet.empty;
  return bytes[0] === VARINT_RUNS ? decodeVarintRuns(bytes.subarray(1)) : decodeRice(bytes);
}

/**
 * Adds the pages of a set to a union.
 *
 * @throws RangeError if the bytes are not a set.
 */
export function addPageSet(bytes: Uint8Array, union: PageUnion): void {
  if (bytes.length > 0 && !addRicePages(bytes, union)) union.add(decodePageSet(bytes));
}

function withFirstByte(first: number, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(rest.length + 1);
  bytes[0] = first;
  bytes.set(rest, 1);
  return bytes;
}
