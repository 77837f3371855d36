/**
 * What one read of a process's pagemap saw: a value, the same whether it comes from a live process
 * or from a trace.
 *
 * @module
 */

import { explain, type Explanation } from "./explain.ts";
import { memoryOf } from "./memory_kinds.ts";
import { PageSet } from "./page_set.ts";
import {
  type PageFlag,
  pageSets,
  type SnapshotFields,
  type SnapshotReadings,
  UNTRACKED_FLAGS,
} from "./snapshot_fields.ts";
import type { Vma } from "./vma.ts";

export * from "./snapshot_fields.ts";

type Mutable<T> = { -readonly [field in keyof T]: T[field] };

/** A snapshot has all of these fields. */
export interface Snapshot extends SnapshotFields {}

/** A snapshot, with the readings that are derived from its raw sets. Each is derived once. */
export class Snapshot implements SnapshotReadings {
  #untracked: PageSet | undefined;
  #dirty: PageSet | undefined;
  #populated: PageSet | undefined;
  #dirtyUnpopulated: PageSet | undefined;
  #dirtyPopulated: PageSet | undefined;

  /** Takes raw observations over, without a copy. */
  constructor(fields: SnapshotFields) {
    // One by one: the object is smaller and made faster, and a measure holds one of each process.
    const own = this as Mutable<SnapshotFields>;
    own.process = fields.process;
    own.pageSizeBytes = fields.pageSizeBytes;
    own.vmas = fields.vmas;
    own.pages = fields.pages;
    own.tracker = fields.tracker;
    own.readBy = fields.readBy;
    own.known = fields.known;
    own.conditions = fields.conditions;
    own.atNs = fields.atNs;
    own.durationNs = fields.durationNs;
    own.stoppedNs = fields.stoppedNs;
    own.sinceClear = fields.sinceClear;
    own.originUnixMs = fields.originUnixMs;
    own.index = fields.index;
    if (fields.members !== undefined) own.members = fields.members;
  }

  /** True if the snapshot has this flag of each page. */
  knows(flag: PageFlag): boolean {
    return this.known.includes(flag);
  }

  /**
   * Tracked pages that exist, in RAM or in swap. Where `present` was not read, only those that are known
   * to exist: at least all that were written.
   */
  get populated(): PageSet {
    return this.#populated ??= this.tracker === "soft-dirty" && this.knows("present")
      ? this.#read()
      : this.#read().union(this.dirtyPopulated);
  }

  /** Pages whose writes the tracker cannot see: they are neither clean nor dirty. */
  get untracked(): PageSet {
    if (this.#untracked === undefined) {
      const [first, ...rest] = UNTRACKED_FLAGS[this.tracker].map((flag) => untrackedOf(this, flag));
      this.#untracked = rest.reduce((all, set) => all.union(set), first);
    }
    return this.#untracked;
  }

  /** Every page that is reported, whether it exists or not. */
  get dirty(): PageSet {
    return this.#dirty ??= this.pages.dirty.subtract(this.untracked);
  }

  /**
   * The dirty pages that exist: what a checkpoint would have to save. Where `present` is not known,
   * pages that were written and then dropped (MADV_DONTNEED) count as well.
   */
  get dirtyPopulated(): PageSet {
    return this.#dirtyPopulated ??= this.dirty.subtract(this.dirtyUnpopulated);
  }

  /**
   * Dirty pages that do not exist. The kernel reports a whole new or grown mapping (VM_SOFTDIRTY),
   * populated or not: these were not written. To uffd-wp a private page that was dropped has changed.
   * Shared memory that is out of the page table exists: it can have been reclaimed after a write.
   */
  get dirtyUnpopulated(): PageSet {
    return this.#dirtyUnpopulated ??= this.#mayNotExist().subtract(this.#read());
  }

  #mayNotExist(): PageSet {
    const { dirty, pages, tracker, vmas } = this;
    if (!this.knows("present")) return dirty.intersect(pages.newMapping);
    return tracker === "soft-dirty"
      ? dirty
      : dirty.subtract(memoryOf(vmas, "shared").subtract(pages.newMapping));
  }

  /** The tracked pages that the kernel reported to exist. */
  #read(): PageSet {
    return this.pages.present.union(this.pages.swapped).subtract(this.untracked);
  }

  /** Why each dirty page is reported: written, or for another reason. */
  explain(): Explanation<Snapshot> {
    return explain(this);
  }

  /** The pages that all mappings span. */
  get mapped(): PageSet {
    return memoryOf(this.vmas, "mapped");
  }

  /** When the read began. */
  get readAt(): Date {
    return new Date(this.originUnixMs + this.atNs / 1e6);
  }
}

/**
 * Of the pages with a flag, those whose writes cannot be seen because of it. Shared pages that are pinned
 * are cleared like others.
 */
export function untrackedOf({ pages, vmas }: Snapshot, flag: PageFlag): PageSet {
  const all = pages[flag];
  return flag !== "pinned" || all.isEmpty ? all : all.subtract(memoryOf(vmas, "shared"));
}

/** The flags that limit what the other flags of a page mean. */
const LIMITING_FLAGS: ReadonlySet<PageFlag> = new Set([
  ...["unwatched", "foreign", "keptHuge", "hugetlb", "device", "pinned", "mergeable"] as const,
]);

/**
 * The same snapshot with these mappings alone, and of each set the pages that are kept. What limits the
 * meaning of the others is kept for the mappings as a whole: a condition on pages must not hide that
 * their mapping is untracked.
 */
export function selectPages(snapshot: Snapshot, vmas: readonly Vma[], kept: PageSet): Snapshot {
  const mapped = memoryOf(vmas, "mapped");
  const pages = pageSets((flag) =>
    snapshot.pages[flag].intersect(LIMITING_FLAGS.has(flag) ? mapped : kept)
  );
  return new Snapshot({ ...snapshot, vmas, pages });
}
