/**
 * PAGEMAP_SCAN, the ioctl on `/proc/PID/pagemap` that since Linux 6.7 finds pages of some kinds in one
 * call; the kernel's `Documentation/admin-guide/mm/pagemap.rst`.
 *
 * @module
 */

import type { PageNumber, PageSet } from "../../core/page_set.ts";
import { failedWith, ioctl, mapAnonymous, type OwnMapping } from "../system/libc.ts";
import type { ProcFs } from "../proc/proc_fs.ts";
import { REGION_BYTES, REGION_WORDS, type Regions } from "./regions.ts";

/** What a page may be; the kernel's PAGE_IS_*. */
export const CATEGORY = {
  /** Its mapping is registered for asynchronous write-protection. */
  wpAllowed: 1 << 0,
  /** Not write-protected: written since, or never protected. */
  written: 1 << 1,
  file: 1 << 2,
  present: 1 << 3,
  /** In swap, or there is a marker in its place that keeps it write-protected. */
  swapped: 1 << 4,
  /** The page of zeros, which a read put there. */
  zero: 1 << 5,
  huge: 1 << 6,
  softDirty: 1 << 7,
  guard: 1 << 8,
} as const;

/** What to look for, in masks of {@linkcode CATEGORY}. */
export interface ScanQuery {
  /** A page must have all of these. */
  readonly categoryMask?: number | undefined;
  /** A page must have one of these. */
  readonly categoryAnyOfMask?: number | undefined;
  /** Categories that are looked for turned round. */
  readonly categoryInverted?: number | undefined;
  /** The categories that are returned; regions end where they change. */
  readonly returnMask: number;
  /** Write-protects each page that is found, in the same step. Mappings not registered are passed over. */
  readonly protect?: boolean | undefined;
}

const PAGEMAP_SCAN = 0xc0606610;
const PM_SCAN_WP_MATCHING = 1;
const ARGUMENT_BYTES = 96;
const REGIONS_AT = 128;
/** Regions for one call: 1.5 MiB, in which most scans are one call. */
const REGION_COUNT = 1 << 16;

/** The words of `struct pm_scan_arg`. */
const ARGUMENT = {
  size: 0,
  flags: 1,
  start: 2,
  end: 3,
  vec: 5,
  vecLength: 6,
  categoryInverted: 8,
  categoryMask: 9,
  categoryAnyOfMask: 10,
  returnMask: 11,
} as const;

const HALF = 2 ** 32;

/** Does scans; one serves any number of processes. */
export class PagemapScan {
  readonly #memory: OwnMapping = mapAnonymous(REGIONS_AT + REGION_COUNT * REGION_BYTES);
  readonly #words: Uint32Array;
  readonly #regions: Uint32Array;
  readonly #proc: ProcFs;
  readonly #pageSizeBytes: number;
  #guardCategory: number | undefined;

  constructor(proc: ProcFs) {
    this.#proc = proc;
    this.#pageSizeBytes = proc.pageSizeBytes();
    const { buffer, byteOffset } = this.#memory.bytes;
    this.#words = new Uint32Array(buffer, byteOffset, ARGUMENT_BYTES / 4);
    const words = REGION_COUNT * REGION_WORDS;
    this.#regions = new Uint32Array(buffer, byteOffset + REGIONS_AT, words);
  }

  /**
   * Adds to `found` what of the pages from `start` to before `end` fits.
   *
   * @param pagemap the descriptor of a pagemap
   * @throws SystemCallError
   */
  scan(
    pagemap: number,
    start: PageNumber,
    end: PageNumber,
    query: ScanQuery,
    found: Regions,
  ): void {
    for (let from = start; from < end; from = found.end) {
      const count = this.#call(pagemap, from, end, query, REGION_COUNT);
      found.addRegions(this.#regions, count, this.#pageSizeBytes);
      // Continues at the end of the last region. The kernel's walk_end may lie before it.
      if (count < REGION_COUNT) return;
    }
  }

  /** Adds to `found` what of some pages fits, and looks at no others. */
  scanAll(pagemap: number, pages: PageSet, query: ScanQuery, found: Regions): void {
    const { edges } = pages;
    for (let i = 0; i < edges.length; i += 2) {
      this.scan(pagemap, edges[i], edges[i + 1], query, found);
    }
  }

  /** Write-protects what matches, and returns nothing. */
  protect(
    pagemap: number,
    start: PageNumber,
    end: PageNumber,
    query: Omit<ScanQuery, "returnMask">,
  ): void {
    this.#call(pagemap, start, end, { ...query, returnMask: 0, protect: true }, 0);
  }

  /** The category `guard`, or 0 on kernels before 6.15, which refuse what they do not know. */
  get guardCategory(): number {
    return this.#guardCategory ??= this.#accepts(CATEGORY.guard) ? CATEGORY.guard : 0;
  }

  /** Asks about a page of our own. */
  #accepts(category: number): boolean {
    const pagemap = this.#proc.openPagemap(process.pid);
    try {
      const page = this.#memory.address / this.#pageSizeBytes;
      this.#call(pagemap.descriptor, page, page + 1, {
        categoryAnyOfMask: category,
        returnMask: category,
      }, 1);
      return true;
    } catch (error) {
      if (failedWith(error, "EINVAL")) return false;
      throw error;
    } finally {
      pagemap.close();
    }
  }

  /** Gives the memory back. */
  close(): void {
    this.#memory.unmap();
  }

  #call(
    pagemap: number,
    start: PageNumber,
    end: PageNumber,
    query: ScanQuery,
    regionCount: number,
  ): number {
    const { address } = this.#memory;
    this.#words.fill(0);
    this.#put(ARGUMENT.size, ARGUMENT_BYTES);
    this.#put(ARGUMENT.flags, query.protect ? PM_SCAN_WP_MATCHING : 0);
    this.#put(ARGUMENT.start, start * this.#pageSizeBytes);
    this.#put(ARGUMENT.end, end * this.#pageSizeBytes);
    this.#put(ARGUMENT.vec, regionCount === 0 ? 0 : address + REGIONS_AT);
    this.#put(ARGUMENT.vecLength, regionCount);
    this.#put(ARGUMENT.categoryInverted, query.categoryInverted ?? 0);
    this.#put(ARGUMENT.categoryMask, query.categoryMask ?? 0);
    this.#put(ARGUMENT.categoryAnyOfMask, query.categoryAnyOfMask ?? 0);
    this.#put(ARGUMENT.returnMask, query.returnMask);
    return ioctl("PAGEMAP_SCAN", pagemap, PAGEMAP_SCAN, address);
  }

  #put(word: number, value: number): void {
    this.#words[word * 2] = value % HALF;
    this.#words[word * 2 + 1] = Math.floor(value / HALF);
  }
}
