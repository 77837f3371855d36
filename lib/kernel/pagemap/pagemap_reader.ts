/**
 * Reads pages from the file `/proc/PID/pagemap`, an entry for each.
 *
 * @module
 */

import { type PageNumber, PageSet } from "../../core/page_set.ts";
import { NO_PAGES, type PageSets } from "../../core/snapshot.ts";
import {
  ENTRY_BYTES,
  hasEntries,
  PAGEMAP_FLAGS,
  PagemapScanner,
  type PagemapSets,
} from "./pagemap.ts";
import type { PageReader, ProcessView } from "./page_reader.ts";
import { replaced } from "../proc/process_identities.ts";
import type { MappingClassifier } from "./special_mappings.ts";

/**
 * One positioned read: 16,384 entries, 64 MiB of address space in pages of 4 KiB. Larger pieces do not
 * stay in the processor's second-level cache from the kernel's write to our loop, and took 5 to 8 %
 * longer; smaller ones cost calls.
 */
const PIECE_BYTES = 1 << 17;
const PIECE_PAGES = PIECE_BYTES / ENTRY_BYTES;

/** The file. */
export class PagemapReader implements PageReader {
  readonly method = "pagemap";
  readonly known = [...PAGEMAP_FLAGS, "hugetlb", "device"] as const;
  readonly #special: MappingClassifier;
  readonly #scanner = new PagemapScanner();
  #piece = new Uint8Array(0);

  constructor(special: MappingClassifier) {
    this.#special = special;
  }

  /** Reads the entries of all mappings that hold anything, those that touch in one sweep. */
  read(view: ProcessView): PageSets {
    if (this.#piece.length === 0) this.#piece = new Uint8Array(PIECE_BYTES);
    const special = this.#special.find(view.pid, view.vmas);
    const { edges } = PageSet.from(view.vmas.filter(hasEntries)).subtract(special.empty);
    this.#scanner.reset();
    for (let i = 0; i < edges.length; i += 2) this.#readRange(view, edges[i], edges[i + 1]);
    const pages = this.#scanner.finish();
    return {
      ...NO_PAGES,
      ...withoutGuards(pages),
      dirty: pages.dirty.subtract(pages.guard).union(special.emptyNew),
      hugetlb: special.hugetlb,
      device: special.device,
    };
  }

  dirtyIn(view: ProcessView, pages: PageSet): PageSet {
    if (this.#piece.length === 0) this.#piece = new Uint8Array(PIECE_BYTES);
    this.#scanner.reset();
    const { edges } = pages;
    for (let i = 0; i < edges.length; i += 2) this.#readRange(view, edges[i], edges[i + 1]);
    return this.#scanner.finish().dirty;
  }

  close(): void {
    this.#piece = new Uint8Array(0);
  }

  #readRange({ pid, pagemap }: ProcessView, start: PageNumber, end: PageNumber): void {
    for (let page = start; page < end; page += PIECE_PAGES) {
      const wanted = this.#piece.subarray(0, Math.min(end - page, PIECE_PAGES) * ENTRY_BYTES);
      const length = pagemap.read(wanted, page * ENTRY_BYTES);
      if (length < wanted.length) throw replaced(pid);
      this.#scanner.add(page, new Uint32Array(wanted.buffer, wanted.byteOffset, length / 4));
    }
  }
}

/** A guard page holds nothing: from 7.x on the kernel puts a marker there that looks like swap. */
function withoutGuards(pages: PagemapSets): PagemapSets {
  if (pages.guard.isEmpty) return pages;
  return {
    ...pages,
    present: pages.present.subtract(pages.guard),
    swapped: pages.swapped.subtract(pages.guard),
  };
}
