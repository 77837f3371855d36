/**
 * Turns the entries of `/proc/PID/pagemap` into page sets: the hot path of every read.
 *
 * @module
 */

import { endianness } from "node:os";
import type { PageNumber } from "../core/page_set.ts";
import { PageSetBuilder } from "../core/page_set_builder.ts";
import { PAGE_FLAGS, type PageFlag, type PageSets } from "../core/snapshot.ts";

/** Bytes in one pagemap entry. */
export const ENTRY_BYTES = 8;

/** The bit of each flag in a 64-bit entry; `Documentation/admin-guide/mm/pagemap.rst`. */
const BIT: Readonly<Record<PageFlag, number>> = {
  dirty: 55,
  exclusive: 56,
  uffdWriteProtected: 57,
  guard: 58,
  fileOrShared: 61,
  swapped: 62,
  present: 63,
};

/** All flags are in the upper half of an entry, so 32-bit arithmetic does, and no BigInt is needed. */
const maskOf = (flag: PageFlag) => 1 << (BIT[flag] - 32);
const ALL_FLAGS = PAGE_FLAGS.reduce((mask, flag) => mask | maskOf(flag), 0);
const UPPER_HALF = endianness() === "LE" ? 1 : 0;

/**
 * Collects the flags of ascending ranges of pages. Neighbouring pages mostly have the same flags, so
 * the loop only compares; work is done where the flags change.
 */
export class PagemapScanner {
  /** By the place of the flag in the upper half. */
  readonly #builders = Array.from({ length: 32 }, () => new PageSetBuilder());
  #flags = 0;
  #next: PageNumber = 0;

  /**
   * Takes the entries of `first` and the pages that follow it.
   *
   * @param halves the entries as pairs of 32-bit words in the machine's byte order
   */
  add(first: PageNumber, halves: Uint32Array): void {
    if (first !== this.#next) this.#changeTo(0, this.#next);
    let flags = this.#flags;
    for (let i = UPPER_HALF; i < halves.length; i += 2) {
      const found = halves[i] & ALL_FLAGS;
      if (found !== flags) {
        this.#changeTo(found, first + (i >>> 1));
        flags = found;
      }
    }
    this.#next = first + halves.length / 2;
  }

  /** The sets of all that was added. */
  finish(): PageSets {
    this.#changeTo(0, this.#next);
    const sets = PAGE_FLAGS.map((flag) => [flag, this.#builders[BIT[flag] - 32].build()] as const);
    return Object.fromEntries(sets) as unknown as PageSets;
  }

  #changeTo(flags: number, page: PageNumber): void {
    let changed = flags ^ this.#flags;
    while (changed !== 0) {
      const place = 31 - Math.clz32(changed);
      this.#builders[place].toggle(page);
      changed ^= 1 << place;
    }
    this.#flags = flags;
  }
}
