/**
 * Which Rice-coded form of a page set is the smallest: found by adding up bits, without coding.
 *
 * @module
 */

import type { PageSet } from "../core/page_set.ts";
import { MAX_PARAMETER, riceBits } from "./rice.ts";

/** What is coded; the number is the first byte of the form. */
export const RICE_FORMS = { pages: 1, holes: 2, runs: 3 } as const;

/** One of {@linkcode RICE_FORMS}. */
export type RiceForm = typeof RICE_FORMS[keyof typeof RICE_FORMS];

/** A form with its parameters, and how many bits its codes have. */
export interface RicePlan {
  readonly form: RiceForm;
  /** For distances, or for gaps. */
  readonly k: number;
  /** For lengths of runs. */
  readonly kLength: number;
  readonly bits: number;
}

/** The best of the three forms for a set that is not empty. */
export function planRice({ edges }: PageSet): RicePlan {
  // Gap i lies before run i + 1, so there is one less.
  const runs: Stretches = { edges, first: 0 };
  const gaps: Stretches = { edges, first: 1 };
  const { pages, holes } = RICE_FORMS;
  const kGap = bestParameter((k) => lengthBits(gaps, k), meanLength(gaps));
  const kLength = bestParameter((k) => lengthBits(runs, k), meanLength(runs));
  const bits = lengthBits(gaps, kGap) + lengthBits(runs, kLength);
  let best: RicePlan = { form: RICE_FORMS.runs, k: kGap, kLength, bits };
  for (const [form, between, coded] of [[pages, gaps, runs], [holes, runs, gaps]] as const) {
    // Each code takes a bit at the very least.
    if (totalLength(coded) >= best.bits) continue;
    const plan = planSingles(form, between, coded);
    if (plan.bits < best.bits) best = plan;
  }
  return best;
}

/** Stretches: from edge `first`, each second one begins one. */
interface Stretches {
  readonly edges: Float64Array;
  readonly first: 0 | 1;
}

/** Codes each page of `coded` by its distance from the one before. */
function planSingles(form: RiceForm, between: Stretches, coded: Stretches): RicePlan {
  const count = totalLength(coded);
  const stretchCount = countOf(coded);
  const zeros = count - stretchCount;
  // The distance to the next page of the same stretch is one, which is coded as 0.
  const bitsOf = (k: number) => distanceBits(between, k) + zeros * (1 + k);
  const k = bestParameter(bitsOf, totalLength(between) / Math.max(1, count));
  return { form, k, kLength: 0, bits: bitsOf(k) };
}

function countOf({ edges, first }: Stretches): number {
  return (edges.length - first) >> 1;
}

function totalLength({ edges, first }: Stretches): number {
  let sum = 0;
  for (let i = first; i + 1 < edges.length; i += 2) sum += edges[i + 1] - edges[i];
  return sum;
}

function meanLength(stretches: Stretches): number {
  return totalLength(stretches) / Math.max(1, countOf(stretches));
}

/** Bits for `length - 1` of each stretch. */
function lengthBits({ edges, first }: Stretches, k: number): number {
  let bits = 0;
  for (let i = first; i + 1 < edges.length; i += 2) {
    bits += riceBits(edges[i + 1] - edges[i] - 1, k);
  }
  return bits;
}

/** Bits for the distance over each stretch, less one: its length. */
function distanceBits({ edges, first }: Stretches, k: number): number {
  let bits = 0;
  for (let i = first; i + 1 < edges.length; i += 2) bits += riceBits(edges[i + 1] - edges[i], k);
  return bits;
}

/** Tries parameters round the one that is best for geometric distances of this mean. */
function bestParameter(bitsOf: (k: number) => number, mean: number): number {
  const guess = Math.round(Math.log2(Math.max(1, mean * Math.LN2)));
  let best = 0;
  let fewest = Infinity;
  for (let k = guess - 2; k <= guess + 1; k++) {
    if (k < 0 || k > MAX_PARAMETER) continue;
    const bits = bitsOf(k);
    if (bits < fewest) [best, fewest] = [k, bits];
  }
  return best;
}
