/**
 * Tracks writes with the soft-dirty bit: `clear_refs` and bit 55 of `pagemap`; the kernel's
 * `Documentation/admin-guide/mm/soft-dirty.rst`.
 *
 * What the measuring distorts: the target takes one minor fault on its first write to each page after
 * a clear, and holds still for the page-table walk of the clear itself.
 *
 * @module
 */

import { ProcessError } from "../core/errors.ts";
import { type PageNumber, PageSet } from "../core/page_set.ts";
import type { PageSets } from "../core/snapshot.ts";
import type { Clearing, Observation, Taking, Tracker } from "../core/tracker.ts";
import type { Vma } from "../core/vma.ts";
import { ENTRY_BYTES, hasEntries, PAGEMAP_FLAGS, PagemapScanner } from "./pagemap.ts";
import { exited, ProcessIdentities } from "./process_identities.ts";
import type { ProcFile, ProcFs } from "./proc_fs.ts";
import { SpecialMappingFinder } from "./special_mappings.ts";

/**
 * One positioned read: 16,384 entries, 64 MiB of address space in pages of 4 KiB. Larger pieces do not
 * stay in the processor's second-level cache from the kernel's write to our loop, and took 5 to 8 %
 * longer; smaller ones cost calls.
 */
const PIECE_BYTES = 1 << 17;

/** What the file pagemap tells, and what is found besides. */
const KNOWN = [...PAGEMAP_FLAGS, "hugetlb"] as const;

/** Nanoseconds since some fixed moment, never descending. */
export type MonotonicClock = () => number;

/** The soft-dirty tracker. Whether this kernel tracks at all is for the probe to prove first. */
export class SoftDirtyTracker implements Tracker {
  readonly kind = "soft-dirty";
  readonly pageSizeBytes: number;
  readonly #proc: ProcFs;
  readonly #nowNs: MonotonicClock;
  readonly #special: SpecialMappingFinder;
  readonly #identities: ProcessIdentities;
  #piece = new Uint8Array(0);
  #scanner = new PagemapScanner();

  constructor(proc: ProcFs, nowNs: MonotonicClock) {
    this.#proc = proc;
    this.#nowNs = nowNs;
    this.pageSizeBytes = proc.pageSizeBytes();
    this.#identities = new ProcessIdentities(proc);
    this.#special = new SpecialMappingFinder(proc, this.pageSizeBytes);
  }

  clear(pid: number): Clearing {
    return this.#identities.track(pid, (process) => {
      const atNs = this.#nowNs();
      this.#proc.clearSoftDirty(pid);
      return { process, atNs, durationNs: this.#nowNs() - atNs, stoppedNs: 0 };
    });
  }

  read(pid: number): Observation {
    return this.#identities.track(pid, (process) => {
      const atNs = this.#nowNs();
      const pagemap = this.#proc.openPagemap(pid);
      try {
        const vmas = this.#proc.maps(pid, this.pageSizeBytes);
        const pages = this.#scan(pid, pagemap, vmas);
        this.#identities.identify(pid);
        if (vmas.length === 0) throw exited(pid);
        const durationNs = this.#nowNs() - atNs;
        return {
          process,
          vmas,
          pages,
          readBy: "pagemap",
          known: KNOWN,
          atNs,
          durationNs,
          stoppedNs: 0,
        };
      } finally {
        pagemap.close();
      }
    });
  }

  take(pid: number): Taking {
    const observation = this.read(pid);
    const clearing = this.clear(pid);
    const unseenNs = clearing.atNs + clearing.durationNs - observation.atNs;
    return { observation, clearing, unseenNs };
  }

  close(): void {
    this.#piece = new Uint8Array(0);
  }

  /** Reads the pagemap of all mappings that hold anything, those that touch in one sweep. */
  #scan(pid: number, pagemap: ProcFile, vmas: readonly Vma[]): PageSets {
    if (this.#piece.length === 0) this.#piece = new Uint8Array(PIECE_BYTES);
    const special = this.#special.find(pid, vmas);
    const mapped = PageSet.from(vmas.filter(hasEntries));
    this.#scanner.reset();
    const { edges } = mapped.subtract(special.empty);
    for (let i = 0; i < edges.length; i += 2) {
      this.#scanRange(pid, pagemap, edges[i], edges[i + 1]);
    }
    const pages = this.#scanner.finish();
    const dirty = pages.dirty.union(special.emptyNew);
    return {
      ...pages,
      dirty,
      hugetlb: special.hugetlb,
      huge: PageSet.empty,
      newMapping: PageSet.empty,
      unwatched: PageSet.empty,
    };
  }

  #scanRange(pid: number, pagemap: ProcFile, start: PageNumber, end: PageNumber): void {
    const piecePages = PIECE_BYTES / ENTRY_BYTES;
    for (let page = start; page < end; page += piecePages) {
      const wanted = this.#piece.subarray(0, Math.min(end - page, piecePages) * ENTRY_BYTES);
      const length = pagemap.read(wanted, page * ENTRY_BYTES);
      if (length < wanted.length) {
        throw new ProcessError(
          "address-space-replaced",
          pid,
          `Process ${pid} replaced its address space (exec) while it was read`,
          "Clear and read again: every mapping is new",
        );
      }
      this.#scanner.add(page, new Uint32Array(wanted.buffer, wanted.byteOffset, length / 4));
    }
  }
}
