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
import { type PageSets, type ReadMethod, UNKNOWN_CONDITIONS } from "../core/snapshot.ts";
import type { Clearing, Observation, ReadOptions, Taking, Tracker } from "../core/tracker.ts";
import type { Vma } from "../core/vma.ts";
import { explainPages } from "./explained_pages.ts";
import { PagemapReader } from "./pagemap_reader.ts";
import { PagemapScan } from "./pagemap_scan.ts";
import { PagemapScanReader } from "./pagemap_scan_reader.ts";
import type { PageReader } from "./page_reader.ts";
import { exited, ProcessIdentities } from "./process_identities.ts";
import type { ProcFs } from "./proc_fs.ts";
import { RememberedMaps } from "./remembered_maps.ts";
import { SpecialMappingFinder } from "./special_mappings.ts";

/** Nanoseconds since some fixed moment, never descending. */
export type MonotonicClock = () => number;

/** So often a process is cleared that executes one program after another. */
const CLEAR_ATTEMPTS = 5;

/** The soft-dirty tracker. Whether this kernel tracks at all is for the probe to prove first. */
export class SoftDirtyTracker implements Tracker {
  readonly kind = "soft-dirty";
  readonly pageSizeBytes: number;
  readonly #proc: ProcFs;
  readonly #nowNs: MonotonicClock;
  readonly #identities: ProcessIdentities;
  readonly #maps: RememberedMaps<readonly Vma[]>;
  readonly #reader: PageReader;

  /** @param readBy how to read; `pagemap-scan` only where the probe proved it */
  constructor(proc: ProcFs, nowNs: MonotonicClock, readBy: ReadMethod = "pagemap") {
    this.#proc = proc;
    this.#nowNs = nowNs;
    this.pageSizeBytes = proc.pageSizeBytes();
    this.#identities = new ProcessIdentities(proc);
    this.#maps = new RememberedMaps(proc, this.pageSizeBytes, (vmas) => vmas);
    const special = new SpecialMappingFinder(proc, this.pageSizeBytes);
    this.#reader = readBy === "pagemap"
      ? new PagemapReader(special)
      : new PagemapScanReader(new PagemapScan(proc), special);
  }

  prepare(pid: number): number {
    this.#identities.identify(pid);
    return 0;
  }

  clear(pid: number): Clearing {
    for (let attempt = 1;; attempt++) {
      try {
        return this.#clear(pid);
      } catch (error) {
        // It may have been the new program that was cleared, and a read must be able to tell.
        if (!isReplacement(error) || attempt === CLEAR_ATTEMPTS) throw error;
      }
    }
  }

  #clear(pid: number): Clearing {
    return this.#identities.track(pid, ({ process, isReplaced }) => {
      for (;;) {
        const thread = this.#proc.threadOf(pid);
        const atNs = this.#nowNs();
        this.#proc.clearSoftDirty(pid);
        const durationNs = this.#nowNs() - atNs;
        // Memory that a later read finds elsewhere, and not marked as new, was moved there.
        const vmas = this.#maps.of(pid);
        // If that thread ended meanwhile, nothing may have been cleared.
        if (this.#proc.threadOf(pid) !== thread) continue;
        return { process, isReplaced, atNs, durationNs, stoppedNs: 0, vmas };
      }
    });
  }

  read(pid: number, options: ReadOptions = {}): Observation {
    return this.#identities.track(pid, ({ process, isReplaced, pagemap }) => {
      const atNs = this.#nowNs();
      const vmas = this.#maps.of(pid);
      const read = this.#reader.read({ pid, pagemap, vmas });
      if (vmas.length === 0) throw exited(pid);
      const { pages, known } = options.explain === true
        ? this.#explained(pid, vmas, read)
        : { pages: read, known: this.#reader.known };
      const durationNs = this.#nowNs() - atNs;
      const readBy = this.#reader.method;
      const at = { conditions: UNKNOWN_CONDITIONS, atNs, durationNs, stoppedNs: 0 };
      return { process, isReplaced, vmas, pages, readBy, known, ...at };
    });
  }

  take(pid: number, options?: ReadOptions): Taking {
    const observation = this.read(pid, options);
    const clearing = this.clear(pid);
    const unseenNs = clearing.atNs + clearing.durationNs - observation.atNs;
    return { observation, clearing, unseenNs };
  }

  release(pid: number): void {
    this.#identities.release(pid);
    this.#maps.release(pid);
  }

  close(): void {
    this.#identities.release();
    this.#maps.release();
    this.#reader.close();
  }

  /** Adds what smaps tells of the same mappings. */
  #explained(pid: number, vmas: readonly Vma[], pages: PageSets) {
    const usages = this.#proc.smaps(pid, this.pageSizeBytes);
    return explainPages(pages, this.#reader.known, vmas, usages, this.pageSizeBytes);
  }
}
