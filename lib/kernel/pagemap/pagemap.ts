/**
 * Turns the entries of `/proc/PID/pagemap` into page sets: the hot path of every read.
 *
 * @module
 */

import { endianness } from "node:os";
import { type PageNumber, PageSet } from "../../core/page_set.ts";
import { PAGE_FLAGS, type PageFlag } from "../../core/snapshot.ts";
import type { Vma } from "../../core/vma.ts";

/** Bytes in one pagemap entry. */
export const ENTRY_BYTES = 8;

/** `[vsyscall]` lies in the kernel's half of the address space, for which pagemap has no entries. */
export function hasEntries(vma: Vma): boolean {
  return vma.name !== "[vsyscall]";
}

/** A flag that is a bit of an entry. */
export type PagemapFlag = Extract<
  PageFlag,
  | "dirty"
  | "exclusive"
  | "uffdWriteProtected"
  | "guard"
  | "fileOrShared"
  | "swapped"
  | "present"
>;

/** What the entries of a pagemap say. */
export type PagemapSets = { readonly [flag in PagemapFlag]: PageSet };

/** The bit of each flag in a 64-bit entry; `Documentation/admin-guide/mm/pagemap.rst`. */
const BIT: Readonly<Record<PagemapFlag, number>> = {
  dirty: 55,
  exclusive: 56,
  uffdWriteProtected: 57,
  guard: 58,
  fileOrShared: 61,
  swapped: 62,
  present: 63,
};

/** The flags that are bits of an entry. */
export const PAGEMAP_FLAGS = PAGE_FLAGS.filter((flag) => flag in BIT) as PagemapFlag[];
/** All flags are in the upper half of an entry, so 32-bit arithmetic does, and no BigInt is needed. */
const maskOf = (flag: PagemapFlag) => 1 << (BIT[flag] - 32);
const ALL_FLAGS = PAGEMAP_FLAGS.reduce((mask, flag) => mask | maskOf(flag), 0);
const UPPER_HALF = endianness() === "LE" ? 1 : 0;

/**
 * Collects the flags of ascending ranges of pages. Neighbouring pages mostly have the same flags, so
 * the loop only compares; where the flags change, it notes the page and the new flags. One scanner
 * serves many reads, so that they do not allocate again.
 */
export class PagemapScanner {
  #pages = new Float64Array(1024);
  #flags = new Int32Array(1024);
  #length = 0;
  #current = 0;
  #seen = 0;
  #next: PageNumber = 0;

  /**
   * Takes the entries of `first` and the pages that follow it.
   *
   * @param halves the entries as pairs of 32-bit words in the machine's byte order
   */
  add(first: PageNumber, halves: Uint32Array): void {
    if (first !== this.#next) this.#changeTo(0, this.#next);
    let current = this.#current;
    let i = UPPER_HALF;
    while (i < halves.length) {
      // Four entries for one branch: the processor guesses wrong on each change, and that is dear.
      while (
        i + 6 < halves.length &&
        (((halves[i] ^ current) | (halves[i + 2] ^ current) | (halves[i + 4] ^ current) |
            (halves[i + 6] ^ current)) & ALL_FLAGS) === 0
      ) i += 8;
      if (i >= halves.length) break;
      const found = halves[i] & ALL_FLAGS;
      if (found !== current) {
        this.#changeTo(found, first + (i >>> 1));
        current = found;
      }
      i += 2;
    }
    this.#next = first + halves.length / 2;
  }

  /** Forgets what was added. */
  reset(): void {
    this.#length = 0;
    this.#current = 0;
    this.#seen = 0;
    this.#next = 0;
  }

  /** The sets of all that was added. */
  finish(): PagemapSets {
    this.#changeTo(0, this.#next);
    const sets: { -readonly [flag in keyof PagemapSets]?: PageSet } = {};
    for (const flag of PAGEMAP_FLAGS) sets[flag] = this.#pagesWith(maskOf(flag));
    return sets as PagemapSets;
  }

  #changeTo(flags: number, page: PageNumber): void {
    if (flags === this.#current) return;
    if (this.#length === this.#pages.length) this.#grow();
    this.#pages[this.#length] = page;
    this.#flags[this.#length++] = flags;
    this.#current = flags;
    this.#seen |= flags;
  }

  #grow(): void {
    const pages = new Float64Array(this.#length * 2);
    const flags = new Int32Array(this.#length * 2);
    pages.set(this.#pages);
    flags.set(this.#flags);
    this.#pages = pages;
    this.#flags = flags;
  }

  /** Walks the changes twice, so that the edges get an array of just their size. */
  #pagesWith(mask: number): PageSet {
    if ((this.#seen & mask) === 0) return PageSet.empty;
    const flags = this.#flags;
    let edgeCount = 0;
    for (let i = 0, last = 0; i < this.#length; i++) {
      if (((flags[i] ^ last) & mask) !== 0) edgeCount++;
      last = flags[i];
    }
    const edges = new Float64Array(edgeCount);
    for (let i = 0, last = 0, edge = 0; edge < edgeCount; i++) {
      if (((flags[i] ^ last) & mask) !== 0) edges[edge++] = this.#pages[i];
      last = flags[i];
    }
    return PageSet.fromEdges(edges);
  }
}
