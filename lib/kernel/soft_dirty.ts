/**
 * Tracks writes with the soft-dirty bit: `clear_refs` and bit 55 of `pagemap`; the kernel's
 * `Documentation/admin-guide/mm/soft-dirty.rst`.
 *
 * What the measuring distorts: the target takes one minor fault on its first write to each page after
 * a clear, and holds still for the page-table walk of the clear itself.
 *
 * @module
 */

import { isReplacement } from "../core/errors.ts";
import { PageSet } from "../core/page_set.ts";
import {
  type PageFlag,
  type PageSets,
  type ReadMethod,
  UNKNOWN_CONDITIONS,
} from "../core/snapshot.ts";
import type {
  ClearResult,
  MonotonicClock,
  ReadOptions,
  ReadResult,
  TakeResult,
  Tracker,
} from "../core/tracker.ts";
import type { Vma } from "../core/vma.ts";
import { BeforeClear } from "./unseen/before_clear.ts";
import { explainPages } from "./pagemap/explained_pages.ts";
import { MergeableMemory } from "./unseen/mergeable_memory.ts";
import { MmSysfs } from "./proc/mm_sysfs.ts";
import { PagemapReader } from "./pagemap/pagemap_reader.ts";
import { PagemapScan } from "./pagemap/pagemap_scan.ts";
import { PagemapScanReader } from "./pagemap/pagemap_scan_reader.ts";
import type { PageReader } from "./pagemap/page_reader.ts";
import { PinnedPages } from "./unseen/pinned_pages.ts";
import { PinFinder } from "./unseen/pins.ts";
import { exited, type HeldProcess, ProcessIdentities } from "./proc/process_identities.ts";
import type { ProcFs } from "./proc/proc_fs.ts";
import { ReclaimCounter } from "./unseen/reclaim.ts";
import { MapsCache } from "./proc/maps_cache.ts";
import { MappingClassifier } from "./pagemap/special_mappings.ts";

/** How to track. */
export interface SoftDirtyOptions {
  /** How to read; `pagemap-scan` only where the probe proved it. */
  readonly readBy?: ReadMethod | undefined;
  /** True if the target is stopped in each call. */
  readonly freeze?: boolean | undefined;
}

/** So often a process is cleared that executes one program after another. */
const CLEAR_ATTEMPTS = 5;

/** The soft-dirty tracker. Whether this kernel tracks at all is for the probe to prove first. */
export class SoftDirtyTracker implements Tracker {
  readonly kind = "soft-dirty";
  readonly pageSizeBytes: number;
  readonly #proc: ProcFs;
  readonly #nowNs: MonotonicClock;
  readonly #identities: ProcessIdentities;
  readonly #maps: MapsCache<readonly Vma[]>;
  readonly #reader: PageReader;
  /** What a read reports of each page. */
  readonly #known: readonly PageFlag[];
  readonly #knownWithSplit: readonly PageFlag[];
  readonly #pins: PinFinder;
  readonly #pinned: PinnedPages;
  readonly #mm: MmSysfs;
  readonly #mergeable: MergeableMemory;
  readonly #reclaim: ReclaimCounter;
  readonly #before: BeforeClear;
  readonly #cleared = new Set<number>();

  constructor(
    proc: ProcFs,
    nowNs: MonotonicClock,
    { readBy = "pagemap", freeze = false }: SoftDirtyOptions = {},
    mm = new MmSysfs(),
  ) {
    this.#proc = proc;
    this.#nowNs = nowNs;
    this.pageSizeBytes = proc.pageSizeBytes();
    this.#identities = new ProcessIdentities(proc);
    this.#maps = new MapsCache(proc, this.pageSizeBytes, (vmas) => vmas);
    const special = new MappingClassifier(proc, this.pageSizeBytes, nowNs);
    this.#reader = readBy === "pagemap"
      ? new PagemapReader(special)
      : new PagemapScanReader(new PagemapScan(proc), special);
    this.#known = [...this.#reader.known, "pinned", "mergeable"];
    this.#knownWithSplit = [...this.#known, "split"];
    this.#pins = new PinFinder(proc, this.pageSizeBytes, nowNs);
    this.#pinned = new PinnedPages(this.#reader, this.#pins, nowNs, freeze);
    this.#mm = mm;
    this.#mergeable = new MergeableMemory(proc, mm, this.pageSizeBytes, nowNs);
    this.#reclaim = new ReclaimCounter(proc, nowNs);
    this.#before = new BeforeClear(this.pageSizeBytes);
  }

  prepare(pid: number): number {
    this.#identities.identify(pid);
    return 0;
  }

  clear(pid: number): ClearResult {
    return this.#clearAfter(pid, undefined);
  }

  /** @param read what a read right before it showed, if there was one */
  #clearAfter(pid: number, read: ReadResult | undefined): ClearResult {
    for (let attempt = 1;; attempt++) {
      try {
        return this.#clear(pid, read);
      } catch (error) {
        // It may have been the new program that was cleared, and a read must be able to see that.
        if (!isReplacement(error) || attempt === CLEAR_ATTEMPTS) throw error;
      }
    }
  }

  #clear(pid: number, read: ReadResult | undefined): ClearResult {
    return this.#identities.withProcess(pid, (held) => this.#clearHeld(held, read));
  }

  #clearHeld(
    { process, isReplaced, pagemap }: HeldProcess,
    read: ReadResult | undefined,
  ): ClearResult {
    const { pid } = process;
    if (isReplaced) this.#forgetMemory(pid);
    this.#before.release(pid);
    const existing = isReplaced || read === undefined ? this.#readFirst(pid, pagemap) : read;
    for (;;) {
      const thread = this.#proc.threadOf(pid);
      // Before, so that what happens meanwhile is in the window that begins.
      this.#mergeable.begin(pid);
      this.#reclaim.begin(pid, this.#maps.known(pid) ?? this.#maps.of(pid));
      const atNs = this.#nowNs();
      let endNs = atNs;
      const clear = () => {
        this.#proc.clearSoftDirty(pid);
        endNs = this.#nowNs();
      };
      clear();
      // Memory that a later read finds elsewhere, and not marked as new, was moved there.
      const vmas = this.#maps.of(pid);
      this.#pinned.look({ pid, pagemap, vmas }, clear);
      // If that thread ended meanwhile, the kernel can have cleared nothing.
      if (this.#proc.threadOf(pid) !== thread) continue;
      this.#cleared.add(pid);
      if (existing !== undefined) this.#before.saw(pid, existing);
      return { process, isReplaced, atNs, durationNs: endNs - atNs, stoppedNs: 0, vmas };
    }
  }

  /**
   * What exists before the first clear, so that the first window shows what was given back, too; later
   * ones mostly begin with a take.
   */
  #readFirst(pid: number, pagemap: HeldProcess["pagemap"]) {
    if (this.#cleared.has(pid)) return undefined;
    const pages = this.#reader.read({ pid, pagemap, vmas: this.#maps.of(pid) });
    return { pages, known: this.#reader.known };
  }

  read(pid: number, options: ReadOptions = {}): ReadResult {
    return this.#identities.withProcess(pid, (held) => this.#read(held, options));
  }

  #read({ process, isReplaced, pagemap }: HeldProcess, options: ReadOptions): ReadResult {
    const { pid } = process;
    if (isReplaced) this.#forgetMemory(pid);
    const atNs = this.#nowNs();
    const vmas = this.#maps.of(pid);
    const read = this.#reader.read({ pid, pagemap, vmas });
    if (vmas.length === 0) throw exited(pid);
    const pins = this.#pinned.of(pid, vmas);
    const pinned = pins.pages.subtract(read.hugetlb);
    const mergeable = this.#mergeable.of(pid, options.explain === true);
    const pages = pinned.isEmpty && mergeable.isEmpty
      ? read
      : { ...read, ...mappedOf(vmas, { pinned, mergeable }) };
    const conditions = {
      ...UNKNOWN_CONDITIONS,
      reclaimedPages: this.#reclaim.since(pid, vmas),
      unlocatedPinnedPages: pins.unlocatedPages,
      droppedPages: this.#before.droppedPages(pid, vmas, read),
    };
    const explained = options.explain === true
      ? this.#explained(pid, vmas, pages)
      : { pages, known: this.#known };
    const split = this.#before.split(pid, explained);
    const seen = split === null
      ? explained
      : { pages: { ...explained.pages, split }, known: this.#withSplit(explained.known) };
    const durationNs = this.#nowNs() - atNs;
    const readBy = this.#reader.method;
    const at = { readBy, conditions, atNs, durationNs, stoppedNs: 0 };
    return { process, isReplaced, vmas, ...seen, ...at };
  }

  /** The same list for the same one, which is mostly the reader's. */
  #withSplit(known: readonly PageFlag[]): readonly PageFlag[] {
    return known === this.#known ? this.#knownWithSplit : [...known, "split"];
  }

  take(pid: number, options: ReadOptions = {}): TakeResult {
    let observed: ReadResult | undefined;
    try {
      return this.#identities.withProcess(pid, (held) => {
        const observation = this.#read(held, options);
        this.#identities.assertHeld(pid);
        observed = observation;
        return taking(observation, this.#clearHeld({ ...held, isReplaced: false }, observation));
      });
    } catch (error) {
      // A program that was executed after the read has to be cleared, too.
      if (observed === undefined || !isReplacement(error)) throw error;
      return taking(observed, this.#clearAfter(pid, observed));
    }
  }

  release(pid: number): void {
    this.#forget(pid);
  }

  close(): void {
    this.#forget();
    this.#reader.close();
    this.#mm.close();
  }

  #forget(pid?: number): void {
    this.#identities.release(pid);
    this.#maps.release(pid);
    this.#forgetMemory(pid);
  }

  /** Forgets what was found of an address space. */
  #forgetMemory(pid?: number): void {
    const all = [this.#pins, this.#pinned, this.#mergeable, this.#reclaim, this.#before];
    for (const one of all) one.release(pid);
    if (pid === undefined) this.#cleared.clear();
    else this.#cleared.delete(pid);
  }

  /** Adds what smaps reports of the same mappings. */
  #explained(pid: number, vmas: readonly Vma[], pages: PageSets) {
    const usages = this.#proc.smaps(pid, this.pageSizeBytes);
    return explainPages(pages, this.#known, vmas, usages, this.pageSizeBytes);
  }
}

function taking(observation: ReadResult, clearing: ClearResult): TakeResult {
  const unseenNs = clearing.atNs + clearing.durationNs - observation.atNs;
  return { observation, clearing, unseenNs };
}

/** Of some pages those that are still mapped. */
function mappedOf<Flag extends PageFlag>(
  vmas: readonly Vma[],
  pages: Readonly<Record<Flag, PageSet>>,
): Record<Flag, PageSet> {
  const mapped = PageSet.from(vmas);
  const sets = Object.entries<PageSet>(pages).map(([flag, set]) => [flag, set.intersect(mapped)]);
  return Object.fromEntries(sets) as Record<Flag, PageSet>;
}
