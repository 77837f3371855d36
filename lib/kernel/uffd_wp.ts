/**
 * Tracks writes with userfaultfd in asynchronous write-protect mode and PAGEMAP_SCAN, for a process
 * that knows nothing of it. Needs Linux 6.7, but no soft-dirty.
 *
 * What the measuring distorts: the target is stopped once, for about a millisecond, when it is
 * attached to; it takes one fault on its first write to each page after a clear; and protecting splits
 * its huge pages.
 *
 * @module
 */

import { ProcessError } from "../core/errors.ts";
import { PageSet } from "../core/page_set.ts";
import {
  NO_PAGES,
  type PageFlag,
  type ReadConditions,
  UNKNOWN_CONDITIONS,
} from "../core/snapshot.ts";
import type { ClearResult, ReadOptions, ReadResult, TakeResult, Tracker } from "../core/tracker.ts";
import { attach } from "./inject/attach.ts";
import { collapse } from "./uffd/huge_pages.ts";
import { SystemCallError } from "./system/libc.ts";
import type { Arch } from "./inject/arch.ts";
import { type MappedMemory, mappedMemory } from "./pagemap/mapped_memory.ts";
import { MappingKindFinder } from "./pagemap/mapping_kinds.ts";
import { judged, privateMemory } from "./neighbours/memory_of_others.ts";
import { MergeableMemory } from "./unseen/mergeable_memory.ts";
import { MmSysfs } from "./proc/mm_sysfs.ts";
import { CATEGORY, PagemapScan } from "./pagemap/pagemap_scan.ts";
import { PinFinder } from "./unseen/pins.ts";
import {
  exited,
  type HeldProcess,
  ProcessIdentities,
  replaced,
} from "./proc/process_identities.ts";
import type { ProcFs } from "./proc/proc_fs.ts";
import { Regions } from "./pagemap/regions.ts";
import { MapsCache } from "./proc/maps_cache.ts";
import { Seldom } from "./system/seldom.ts";
import type { MonotonicClock } from "../core/tracker.ts";
import { detachPending } from "./inject/tracee.ts";
import { TrackedSpace, type Unprotected } from "./uffd/tracked_space.ts";
import { existingPages, newPages } from "./uffd/uffd_wp_pages.ts";
import { Userfaultfd } from "./inject/userfaultfd.ts";

/** How to track. */
export interface UffdWpOptions {
  /** Leaves mappings with huge pages alone: protecting would split them. They are not tracked then. */
  readonly keepHuge?: boolean | undefined;
  /** Tracks what is left of a process of which another userfaultfd has nearly all. */
  readonly force?: boolean | undefined;
}

/** What a take reports of each page, unless more is asked for: one category alone is much faster. */
const KNOWN_BY_TAKE: readonly PageFlag[] = [
  ...["dirty", "newMapping", "unwatched", "foreign", "keptHuge", "device", "pinned"] as const,
  "mergeable",
];
/** What a read reports. */
const KNOWN_BY_READ: readonly PageFlag[] = [
  ...KNOWN_BY_TAKE,
  ...["present", "swapped", "huge", "guard"] as const,
];

/** How long after what was dropped was counted it is counted again at the earliest, in nanoseconds. */
const COUNT_DROPPED_NS = 5e9;

/** What is looked at in one call. */
type View = HeldProcess & MappedMemory;

/** The uffd-wp tracker. Whether this kernel has what it needs is for the probe to prove first. */
export class UffdWpTracker implements Tracker {
  readonly kind = "uffd-wp";
  readonly pageSizeBytes: number;
  readonly #proc: ProcFs;
  readonly #arch: Arch;
  readonly #nowNs: MonotonicClock;
  readonly #keepHuge: boolean;
  readonly #force: boolean;
  readonly #identities: ProcessIdentities;
  readonly #maps: MapsCache<MappedMemory>;
  readonly #scan: PagemapScan;
  readonly #mm: MmSysfs;
  readonly #mergeable: MergeableMemory;
  readonly #kinds: MappingKindFinder;
  readonly #pins: PinFinder;
  readonly #spaces = new Map<number, TrackedSpace>();
  /** When what was dropped is counted again, for each. */
  readonly #counting = new WeakMap<TrackedSpace, Seldom>();
  /** Those of which a snapshot reported all that exists. */
  readonly #explained = new WeakSet<TrackedSpace>();

  constructor(
    proc: ProcFs,
    arch: Arch,
    nowNs: MonotonicClock,
    options: UffdWpOptions = {},
    mm = new MmSysfs(),
  ) {
    this.#proc = proc;
    this.#arch = arch;
    this.#nowNs = nowNs;
    this.#keepHuge = options.keepHuge ?? false;
    this.#force = options.force ?? false;
    this.pageSizeBytes = proc.pageSizeBytes();
    this.#identities = new ProcessIdentities(proc);
    this.#maps = new MapsCache(proc, this.pageSizeBytes, mappedMemory);
    this.#scan = new PagemapScan(proc);
    this.#mm = mm;
    this.#mergeable = new MergeableMemory(proc, mm, this.pageSizeBytes, nowNs);
    this.#kinds = new MappingKindFinder(proc, this.pageSizeBytes, nowNs, true);
    this.#pins = new PinFinder(proc, this.pageSizeBytes, nowNs);
  }

  prepare(pid: number): number {
    const known = this.#spaces.get(pid);
    if (known !== undefined && !known.isGone) return 0;
    this.#forget(pid);
    return this.#look(pid, (view) => this.#attach(view).stoppedNs);
  }

  clear(pid: number): ClearResult {
    return this.#look(pid, (view) => {
      this.#mergeable.begin(pid);
      const atNs = this.#nowNs();
      const { space, stoppedNs } = this.#registered(view);
      space.protect(view.pagemap.descriptor, view.mapped);
      const durationNs = this.#nowNs() - atNs;
      return { ...identityOf(view), atNs, durationNs, stoppedNs, vmas: null };
    });
  }

  read(pid: number, options: ReadOptions = {}): ReadResult {
    return this.#look(pid, (view) => this.#read(view, options));
  }

  take(pid: number, options: ReadOptions = {}): TakeResult {
    return this.#look(pid, (view) => {
      const space = this.#spaces.get(pid);
      if (space === undefined) return this.#readAndAttach(view, options);
      const startNs = this.#nowNs();
      const unprotected = space.unprotected(view.pagemap.descriptor, view.mapped);
      if (!this.#register(space, view, unprotected)) return this.#readAndAttach(view, options);
      // What was registered just now is not protected yet, so this reports it, and protects it.
      const atNs = this.#nowNs();
      // The first take reports what exists; what comes into being after that is written, and so reported.
      const isExplained = options.explain === true || !this.#explained.has(space);
      this.#explained.add(space);
      const { descriptor } = view.pagemap;
      const droppedPages = isExplained ? null : this.#droppedPages(space, view, unprotected);
      const { pages: dirty, huge } = space.written(descriptor, view.mapped, true, isExplained);
      const durationNs = this.#nowNs() - atNs;
      const fresh = newPages(space, view, unprotected);
      const { limits, unlocatedPinnedPages } = this.#limits(view, isExplained);
      const pages = {
        ...limits,
        ...fresh,
        // By now there is a marker wherever nothing is.
        ...isExplained ? this.#existing(view, PageSet.empty) : {},
        // Of sparse mappings the scan finds only what exists.
        dirty: dirty.subtract(space.refused).union(fresh.newMapping),
        huge,
      };
      this.#mergeable.begin(pid);
      return {
        observation: {
          ...this.#observation(view, startNs, { unlocatedPinnedPages, droppedPages }),
          known: isExplained ? KNOWN_BY_READ : KNOWN_BY_TAKE,
          pages: { ...NO_PAGES, ...pages },
        },
        clearing: { ...identityOf(view), atNs, durationNs, stoppedNs: 0, vmas: null },
        unseenNs: 0,
      };
    });
  }

  release(pid: number): void {
    this.#giveBack(pid);
    this.#identities.release(pid);
    this.#maps.release(pid);
  }

  close(): void {
    for (const pid of [...this.#spaces.keys()]) this.#giveBack(pid);
    this.#identities.release();
    this.#maps.release();
    this.#scan.close();
    this.#mm.close();
  }

  /** Looks up what a call needs. What is held of a process that ended is given up. */
  #look<T>(pid: number, action: (view: View) => T): T {
    detachPending();
    try {
      return this.#identities.withProcess(pid, (held) => {
        if (held.isReplaced) this.#forget(pid);
        const memory = this.#maps.of(pid);
        if (memory.mapped.isEmpty) throw exited(pid);
        return action({ ...held, ...memory });
      });
    } catch (error) {
      if (error instanceof ProcessError && ENDED.has(error.code)) this.#forget(pid);
      throw error;
    }
  }

  /** The tracked address space, with all of its mappings registered. Attaches if need be. */
  #registered(view: View): { space: TrackedSpace; stoppedNs: number } {
    const { pid } = view.process;
    const known = this.#spaces.get(pid);
    if (known !== undefined) {
      const unprotected = known.unprotected(view.pagemap.descriptor, view.mapped);
      if (this.#register(known, view, unprotected)) return { space: known, stoppedNs: 0 };
    }
    const { space, stoppedNs } = this.#attach(view);
    const unprotected = space.unprotected(view.pagemap.descriptor, view.mapped);
    if (this.#register(space, view, unprotected)) return { space, stoppedNs };
    throw replaced(pid);
  }

  #attach({ process: { pid } }: View): { space: TrackedSpace; stoppedNs: number } {
    const { userfaultfd, stoppedNs } = attach(this.#proc, pid, this.#arch);
    const space = new TrackedSpace(
      new Userfaultfd(userfaultfd),
      this.#scan,
      this.#keepHuge,
      this.pageSizeBytes,
    );
    this.#spaces.set(pid, space);
    return { space, stoppedNs };
  }

  /** False if the process has replaced this address space; then it is given up. */
  #register(space: TrackedSpace, view: View, found: Unprotected): boolean {
    const { descriptor } = view.pagemap;
    const { isFresh } = space;
    if (space.register(descriptor, view, found.unregistered, this.pageSizeBytes)) {
      if (isFresh && !this.#force) this.#assertOurs(space, view);
      return true;
    }
    this.#forget(view.process.pid);
    return false;
  }

  /** Gives it up if nearly all of its memory turns out to belong to other userfaultfds. */
  #assertOurs({ ofOthers }: TrackedSpace, { process: { pid }, pagemap, vmas }: View): void {
    if (ofOthers.isEmpty) return;
    const found = new Regions();
    const inMemory = CATEGORY.present | CATEGORY.swapped;
    const memory = PageSet.from(privateMemory(vmas));
    this.#scan.scanAll(pagemap.descriptor, memory, {
      categoryAnyOfMask: inMemory,
      returnMask: inMemory,
    }, found);
    const existing = found.pagesWith(0);
    const owned = existing.intersect(ofOthers);
    if (owned.isEmpty) return;
    try {
      judged(pid, owned.pageCount, existing.pageCount, this.pageSizeBytes, false);
    } catch (error) {
      this.#forget(pid);
      throw error;
    }
  }

  /** A first take: everything is new. */
  #readAndAttach(view: View, options: ReadOptions): TakeResult {
    const observation = this.#read(view, options);
    this.#mergeable.begin(view.process.pid);
    const atNs = this.#nowNs();
    const { space, stoppedNs } = this.#registered(view);
    space.protect(view.pagemap.descriptor, view.mapped);
    const endNs = this.#nowNs();
    return {
      observation,
      clearing: { ...identityOf(view), atNs, durationNs: endNs - atNs, stoppedNs, vmas: null },
      unseenNs: endNs - observation.atNs,
    };
  }

  #read(view: View, options: ReadOptions): ReadResult {
    const startNs = this.#nowNs();
    const { process: { pid }, pagemap: { descriptor }, mapped } = view;
    const space = this.#spaces.get(pid);
    const unprotected = space?.unprotected(descriptor, mapped) ??
      { pages: mapped, unregistered: mapped, present: PageSet.empty, swapped: PageSet.empty };
    const fresh = newPages(space, view, unprotected);
    const dirty = space?.written(descriptor, mapped, false).pages ?? PageSet.empty;
    const existing = this.#existing(view, unprotected.pages);
    const { limits, unlocatedPinnedPages } = this.#limits(view, options.explain === true);
    return {
      ...this.#observation(view, startNs, { unlocatedPinnedPages }),
      known: KNOWN_BY_READ,
      pages: {
        ...NO_PAGES,
        ...limits,
        ...fresh,
        ...existing,
        dirty: dirty.union(fresh.newMapping),
      },
    };
  }

  #existing({ process: { pid }, pagemap, mapped }: View, unmarked: PageSet) {
    const place = { pid, pagemap: pagemap.descriptor, mapped, pageSizeBytes: this.pageSizeBytes };
    return existingPages(this.#proc, this.#scan, place, unmarked);
  }

  /** Pages of which protection does not show all. */
  #limits({ process: { pid }, vmas, mapped }: View, isExact: boolean) {
    const { device } = this.#kinds.of(pid, vmas);
    const mergeable = this.#mergeable.of(pid, isExact);
    const { registered, pinnedPages } = this.#pins.of(pid, vmas);
    const limits = {
      device,
      mergeable: mergeable.isEmpty ? mergeable : mergeable.intersect(mapped),
      pinned: registered.isEmpty ? registered : registered.intersect(mapped),
    };
    const unlocatedPinnedPages = Math.max(0, pinnedPages - registered.pageCount);
    return { limits, unlocatedPinnedPages };
  }

  /** Null if it is too early to look again. */
  #droppedPages(space: TrackedSpace, view: View, fresh: Unprotected): number | null {
    const counting = this.#counting.get(space) ??
      new Seldom(this.#nowNs, { leastNs: COUNT_DROPPED_NS });
    this.#counting.set(space, counting);
    return counting.try(() => space.droppedPages(view.pagemap.descriptor, view, fresh)) ?? null;
  }

  #observation(view: View, atNs: number, conditions: Partial<ReadConditions>) {
    const durationNs = this.#nowNs() - atNs;
    const { vmas } = view;
    return {
      ...identityOf(view),
      vmas,
      readBy: "pagemap-scan",
      conditions: { ...UNKNOWN_CONDITIONS, ...conditions },
      atNs,
      durationNs,
      stoppedNs: 0,
    } as const;
  }

  /** Ends the tracking of a process, and puts its huge pages back where that can be done. */
  #giveBack(pid: number): void {
    const space = this.#spaces.get(pid);
    this.#forget(pid);
    if (space === undefined || space.wasHuge.isEmpty) return;
    try {
      this.#look(pid, ({ isReplaced, pagemap: { descriptor }, mapped }) => {
        if (isReplaced) return;
        const pages = space.wasHuge.intersect(mapped);
        const { pageSizeBytes } = this;
        collapse(this.#scan, { pid, pagemap: descriptor, pageSizeBytes, pages });
      });
    } catch (error) {
      // It has ended, or may not be looked at any more: then nothing can be given back to it.
      if (!(error instanceof ProcessError || error instanceof SystemCallError)) throw error;
    }
  }

  #forget(pid: number): void {
    this.#mergeable.release(pid);
    this.#pins.release(pid);
    this.#spaces.get(pid)?.close();
    this.#spaces.delete(pid);
  }
}

function identityOf({ process, isReplaced }: View) {
  return { process, isReplaced };
}

const ENDED: ReadonlySet<string> = new Set(["process-exited", "pid-reused", "no-such-process"]);
