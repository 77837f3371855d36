/**
 * An address space that is tracked over a userfaultfd: which mappings are registered, which cannot be,
 * and which hold too little for all of their pages to be protected.
 *
 * @module
 */

import { memoryOf } from "../../core/memory_kinds.ts";
import { PageSet } from "../../core/page_set.ts";
import { type Vma, vmaPageCount } from "../../core/vma.ts";
import { hugePagesIn } from "./huge_pages.ts";
import { isWritable, type MappedMemory } from "../pagemap/mapped_memory.ts";
import { MarkerBudget } from "./marker_budget.ts";
import { pagesOfTable } from "./page_table_blocks.ts";
import { CATEGORY, type PagemapScan } from "../pagemap/pagemap_scan.ts";
import { Regions } from "../pagemap/regions.ts";
import { SparseMemory, type Written } from "./sparse_memory.ts";
import type { Userfaultfd } from "../inject/userfaultfd.ts";

/** 64 KiB at 64 KiB: below what a process may map by default; registering there only asks. */
const UNUSED_ADDRESS = 1 << 16;

/** What was never protected. */
export interface Unprotected {
  /** All pages of mappings that are not registered. */
  readonly unregistered: PageSet;
  /** The same, and what other mappings have grown by in place since the last clear. */
  readonly pages: PageSet;
  /** Those of `pages` that are in RAM. */
  readonly present: PageSet;
  /** Those of `pages` that are in swap. */
  readonly swapped: PageSet;
}

const { wpAllowed, written, present, swapped, huge } = CATEGORY;

/** One address space. */
export class TrackedSpace {
  readonly #userfaultfd: Userfaultfd;
  readonly #scan: PagemapScan;
  readonly #keepHuge: boolean;
  /** Writable, but it could not be registered, or was to be left alone. */
  #refused = PageSet.empty;
  /** Of these and the `taken`, what another userfaultfd has. */
  #foreign = PageSet.empty;
  /** Of the refused, what was left alone for its huge pages. */
  #keptHuge = PageSet.empty;
  /** Not writable, and it cannot be registered: never written as long as that is so. */
  #inert = PageSet.empty;
  readonly #sparse: SparseMemory;
  readonly #budget: MarkerBudget;
  readonly #found = new Regions();
  #isFresh = true;
  #wasHuge = PageSet.empty;
  /** Another userfaultfd has it, for asynchronous write-protection as well: a second tracker. */
  #taken = PageSet.empty;
  /** Other userfaultfds have it, in whatever mode, as of the last {@linkcode register}. */
  #ofOthers = PageSet.empty;
  /** What was mapped when pages were last protected. */
  #seen = PageSet.empty;

  /** @param keepHuge leaves mappings with huge pages alone, which protecting would split */
  constructor(
    userfaultfd: Userfaultfd,
    scan: PagemapScan,
    keepHuge: boolean,
    pageSizeBytes: number,
  ) {
    this.#userfaultfd = userfaultfd;
    this.#scan = scan;
    this.#keepHuge = keepHuge;
    const blockPages = pagesOfTable(pageSizeBytes);
    this.#sparse = new SparseMemory(scan, blockPages);
    this.#budget = new MarkerBudget(scan, blockPages);
  }

  /** True once the process has replaced this address space, or ended. */
  get isGone(): boolean {
    return this.#userfaultfd.register(UNUSED_ADDRESS, UNUSED_ADDRESS) === "gone";
  }

  /** True until the first {@linkcode register}. */
  get isFresh(): boolean {
    return this.#isFresh;
  }

  /** Memory that belongs to other userfaultfds, as of the last {@linkcode register}. */
  get ofOthers(): PageSet {
    return this.#ofOthers;
  }

  /** Writable memory whose writes are not seen, as of the last {@linkcode register}. */
  get refused(): PageSet {
    return this.#refused.union(this.#taken);
  }

  /** Of the memory that is mapped now, that whose writes are not seen, and the parts with a known cause. */
  unwatched({ writable }: MappedMemory, { pages }: Unprotected) {
    const unwatched = this.#refused.intersect(pages).union(this.#taken.intersect(writable));
    return {
      unwatched,
      foreign: this.#foreign.intersect(unwatched),
      keptHuge: this.#keptHuge.intersect(unwatched),
    };
  }

  /** What was in huge pages before protecting split them. */
  get wasHuge(): PageSet {
    return this.#wasHuge;
  }

  /** Memory that cannot be written to, as of the last {@linkcode register}. */
  get inert(): PageSet {
    return this.#inert;
  }

  /**
   * Finds what was never protected. Mappings that are registered, and did not grow, are passed over as a
   * whole. A mapping that grows in place (a stack, or by mremap) stays registered, but its new pages
   * have no marker: they look as if each had been written.
   */
  unprotected(pagemap: number, mapped: PageSet): Unprotected {
    const found = this.#found;
    found.reset();
    const query = {
      categoryMask: wpAllowed,
      categoryInverted: wpAllowed,
      returnMask: present | swapped,
    };
    const { edges } = mapped;
    // In one call: what is between the mappings costs nothing.
    this.#scan.scan(pagemap, edges[0], edges[edges.length - 1], query, found);
    const unregistered = found.pagesWith(0).intersect(mapped);
    const inUnregistered = existing(found, mapped);
    const grown = mapped.subtract(this.#seen).subtract(unregistered);
    if (grown.isEmpty) return { unregistered, pages: unregistered, ...inUnregistered };
    found.reset();
    const inMemory = present | swapped;
    this.#scan.scanAll(
      pagemap,
      grown,
      { categoryAnyOfMask: inMemory, returnMask: inMemory },
      found,
    );
    const inGrown = existing(found, mapped);
    return {
      unregistered,
      pages: unregistered.union(grown),
      present: inUnregistered.present.union(inGrown.present),
      swapped: inUnregistered.swapped.union(inGrown.swapped),
    };
  }

  /**
   * Registers the mappings with pages in `unregistered`; the first time all, since what looks registered
   * then is another's. What cannot be registered and is not writable needs no tracking; the rest is in
   * {@linkcode refused}.
   *
   * @returns false if this address space is no more
   */
  register(
    pagemap: number,
    { vmas, mapped }: MappedMemory,
    unregistered: PageSet,
    pageSizeBytes: number,
  ): boolean {
    const pages = this.#isFresh ? mapped : unregistered;
    const refused: Vma[] = [];
    const kept: Vma[] = [];
    const taken: Vma[] = [];
    const ofOthers: Vma[] = [];
    const inert: Vma[] = [];
    const registered: Vma[] = [];
    for (const vma of vmas) {
      if (pages.countIn(vma.start, vma.end) === 0) continue;
      if (this.#keepHuge && this.#hasHuge(pagemap, vma)) {
        kept.push(vma);
        continue;
      }
      const failure = this.#userfaultfd.register(
        vma.start * pageSizeBytes,
        vmaPageCount(vma) * pageSizeBytes,
      );
      if (failure === "gone") return false;
      if (failure === "taken") ofOthers.push(vma);
      if (failure === undefined) registered.push(vma);
      else if (failure === "taken" && this.#isProtectable(pagemap, vma)) taken.push(vma);
      else if (failure !== "changed") (isWritable(vma) ? refused : inert).push(vma);
    }
    this.#ofOthers = PageSet.from(ofOthers);
    // What is taken looks registered, and so is not in `pages` again until it is free.
    const stillTaken = this.#taken.intersect(mapped).subtract(pages);
    this.#taken = stillTaken.union(PageSet.from(taken));
    this.#keptHuge = PageSet.from(kept);
    this.#foreign = stillTaken.union(this.#ofOthers);
    this.#refused = PageSet.from([...refused, ...kept]);
    this.#inert = PageSet.from(inert);
    const fresh = registered.concat(
      this.#isFresh ? [] : grownParts(vmas, mapped, pages, this.#seen),
    );
    const sparse = this.#budget.sparse(pagemap, fresh, mapped);
    this.#sparse.register(PageSet.from(fresh), sparse);
    if (this.#isFresh) this.#wasHuge = hugePagesIn(this.#scan, pagemap, PageSet.from(registered));
    this.#isFresh = false;
    return true;
  }

  /** Write-protects all that is registered. */
  protect(pagemap: number, mapped: PageSet): void {
    this.#seen = mapped;
    const { dense, sparse } = this.#watched(mapped);
    for (const { start, end } of dense.runs()) {
      this.#scan.protect(pagemap, start, end, { categoryMask: written });
    }
    this.#sparse.written(pagemap, sparse, true, false);
  }

  /**
   * The pages that were written, and which of them are in huge pages.
   *
   * @param protect write-protects each of them in the same step
   * @param tellHuge asks for huge pages, which makes it slower; else none are returned
   */
  written(pagemap: number, mapped: PageSet, protect: boolean, tellHuge = false): Written {
    if (protect) this.#seen = mapped;
    const found = this.#found;
    found.reset();
    // To protect passes over what is not registered, and the kernel is fastest when asked for one
    // category alone.
    const categoryMask = protect ? written : written | wpAllowed;
    const returnMask = tellHuge ? written | huge : written;
    const { dense, sparse } = this.#watched(mapped);
    this.#scan.scanAll(pagemap, dense, { categoryMask, returnMask, protect }, found);
    const inSparse = this.#sparse.written(pagemap, sparse, protect, tellHuge);
    return {
      pages: found.pagesWith(written).union(inSparse.pages),
      huge: tellHuge ? found.pagesWith(written | huge).union(inSparse.huge) : PageSet.empty,
    };
  }

  /**
   * How many private pages look written because the process gave them back: nothing is in their place,
   * not even a marker. It takes longer than to ask for what was written.
   */
  droppedPages(pagemap: number, { vmas, mapped }: MappedMemory, fresh: Unprotected): number {
    const found = this.#found;
    found.reset();
    const categoryInverted = present | swapped;
    const { edges } = mapped;
    const query = {
      categoryMask: wpAllowed | written | categoryInverted,
      categoryInverted,
      returnMask: written,
    };
    this.#scan.scan(pagemap, edges[0], edges[edges.length - 1], query, found);
    if (found.length === 0) return 0;
    return found.pagesWith(0)
      .intersect(memoryOf(vmas, "anonymous").intersect(this.#seen))
      .subtract(fresh.pages.union(this.#sparse.pages).union(this.#taken)).pageCount;
  }

  /** Gives it up; the kernel ends all protection. */
  close(): void {
    this.#userfaultfd.close();
  }

  /**
   * What scans visit. Only what is in `mapped`, so that what was mapped since keeps its marks for the
   * next time; and not what another tracker has, which would miss the writes to it.
   */
  #watched(mapped: PageSet): { readonly dense: PageSet; readonly sparse: PageSet } {
    const all = mapped.subtract(this.#taken);
    const sparse = all.intersect(this.#sparse.pages);
    return { dense: all.subtract(sparse), sparse };
  }

  #hasHuge(pagemap: number, vma: Vma): boolean {
    return !hugePagesIn(this.#scan, pagemap, PageSet.from([vma])).isEmpty;
  }

  /** True if some userfaultfd has it for asynchronous write-protection. */
  #isProtectable(pagemap: number, { start, end }: Vma): boolean {
    const found = new Regions();
    this.#scan.scan(pagemap, start, end, { categoryMask: wpAllowed, returnMask: wpAllowed }, found);
    return found.length > 0;
  }
}

/** What exists of what was found. */
function existing(found: Regions, mapped: PageSet): Pick<Unprotected, "present" | "swapped"> {
  return {
    present: found.pagesWith(present).intersect(mapped),
    swapped: found.pagesWith(swapped).intersect(mapped),
  };
}

/** What registered mappings have grown by in place since pages were last protected. */
function grownParts(
  vmas: readonly Vma[],
  mapped: PageSet,
  unregistered: PageSet,
  seen: PageSet,
): Vma[] {
  const grown = mapped.subtract(seen).subtract(unregistered);
  if (grown.isEmpty) return [];
  return vmas.flatMap((vma) =>
    Array.from(
      grown.within(vma.start, vma.end).runs(),
      ({ start, end }) => ({ ...vma, start, end }),
    )
  );
}
