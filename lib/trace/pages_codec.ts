/**
 * The page sets of a read, each as it is or as its difference to the same set of an earlier read.
 *
 * @module
 */

import { PageSet } from "../core/page_set.ts";
import { NO_PAGES, PAGE_FLAGS, type PageFlag, type PageSets } from "../core/snapshot.ts";
import { binary, count, fail, list } from "./checks.ts";
import { assertRuns } from "./limits.ts";
import { decodePageSet, encodePageSet, encodeSmaller } from "./page_set_codec.ts";

/**
 * Twice the number of a flag, and one more if its set is a difference; then the bytes; and so on. A flag
 * that is left out has the same pages as in the earlier read, or none if there is no earlier one.
 */
export type EncodedPages = (number | Uint8Array)[];

/** Encodes sets against those of an earlier read, or as they are. */
export function encodePages(pages: PageSets, base: PageSets | undefined): EncodedPages {
  const encoded: EncodedPages = [];
  PAGE_FLAGS.forEach((flag, number) => {
    const before = base?.[flag] ?? PageSet.empty;
    if (pages[flag].equals(before)) return;
    const whole = encodePageSet(pages[flag]);
    const difference = base && encodeDifference(pages[flag], before, whole.length);
    if (difference === undefined) encoded.push(number * 2, whole);
    else encoded.push(number * 2 + 1, difference);
  });
  return encoded;
}

/** The difference, if it takes less than `limitBytes`. */
function encodeDifference(set: PageSet, before: PageSet, limitBytes: number) {
  const difference = set.xor(before);
  // More pages in more runs take more bytes, except in sets that do not occur: no need to add them up.
  const isMore = difference.runCount >= set.runCount && difference.pageCount >= set.pageCount;
  return isMore ? undefined : encodeSmaller(difference, limitBytes);
}

/** Runs of all sets; a set that several flags have in common counts for each. */
export function runCountOf(pages: PageSets): number {
  let count = 0;
  for (const flag of PAGE_FLAGS) count += pages[flag].runCount;
  return count;
}

/**
 * Decodes sets.
 *
 * @throws RangeError if the value is none of {@linkcode EncodedPages}.
 */
export function decodePages(value: unknown, base: PageSets | undefined): PageSets {
  const encoded = list(value, "pages");
  const pages: { -readonly [flag in PageFlag]: PageSet } = { ...base ?? NO_PAGES };
  for (let i = 0; i < encoded.length; i += 2) {
    const code = count(encoded[i], `pages[${i}]`);
    const flag = PAGE_FLAGS[code >>> 1] ?? fail(`pages[${i}]`, "the number of a flag");
    const set = decodePageSet(binary(encoded[i + 1], `pages[${i + 1}]`));
    pages[flag] = code % 2 === 1 ? set.xor(base?.[flag] ?? PageSet.empty) : set;
    assertRuns(runCountOf(pages));
  }
  return pages;
}
