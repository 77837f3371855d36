/**
 * Finds memory that KSM may have merged since a clear; the kernel's
 * `Documentation/admin-guide/mm/ksm.rst`. A merge makes a new entry of the page table, and what was
 * known of the page is lost.
 *
 * @module
 */

import { PageSet } from "../../core/page_set.ts";
import type { MmSysfs } from "../proc/mm_sysfs.ts";
import type { ProcFs } from "../proc/proc_fs.ts";
import { Seldom } from "../system/seldom.ts";
import type { MonotonicClock } from "../../core/tracker.ts";

/** KSM is looked at so often, in nanoseconds; mostly it runs for long, or never. */
const LOOK_NS = 2.5e8;

interface State {
  /** How far KSM had come when the window began. */
  progress: string;
  pages: PageSet;
  isFound: boolean;
  readonly again: Seldom;
}

/** Asks smaps where it matters, and seldom. */
export class MergeableMemory {
  readonly #proc: ProcFs;
  readonly #mm: MmSysfs;
  readonly #pageSizeBytes: number;
  readonly #nowNs: MonotonicClock;
  readonly #states = new Map<number, State>();
  readonly #look: Seldom;
  #progress: string | undefined;
  #isMerging = false;

  constructor(proc: ProcFs, mm: MmSysfs, pageSizeBytes: number, nowNs: MonotonicClock) {
    this.#proc = proc;
    this.#mm = mm;
    this.#pageSizeBytes = pageSizeBytes;
    this.#nowNs = nowNs;
    this.#look = new Seldom(nowNs, { leastNs: LOOK_NS, mostNs: LOOK_NS });
  }

  /** Begins a window: what was merged before does not matter any more. */
  begin(pid: number): void {
    // What was known before will do: then the window has rather more in it.
    if (this.#progress === undefined) this.#lookAtKsm(true);
    this.#stateOf(pid).progress = this.#progress!;
  }

  /**
   * The memory that may have been merged since; none where KSM did not run. Some of it may be mapped no
   * longer.
   *
   * @param isExact looks what KSM did until now; else it may be some time ago, and costs less
   */
  of(pid: number, isExact: boolean): PageSet {
    this.#lookAtKsm(isExact);
    const state = this.#stateOf(pid);
    if (!this.#isMerging && state.progress === this.#progress) return PageSet.empty;
    if (!this.#proc.mayBeMerged(pid)) return PageSet.empty;
    const find = () => this.#find(pid);
    state.pages = (state.isFound ? state.again.try(find) : find()) ?? state.pages;
    state.isFound = true;
    return state.pages;
  }

  /** Forgets a process, or all. */
  release(pid?: number): void {
    if (pid === undefined) this.#states.clear();
    else this.#states.delete(pid);
  }

  #lookAtKsm(isExact: boolean): void {
    const look = () => {
      const { text, isPrompt } = this.#mm.mergeProgress;
      const before = this.#progress;
      const hasRun = before !== undefined && text !== before;
      // Where a change shows at once that it runs, that saves to ask.
      const isSure = isPrompt && before !== undefined && !this.#isMerging;
      this.#isMerging = hasRun || (!isSure && this.#mm.mergesPages);
      this.#progress = text;
    };
    if (isExact) look();
    else this.#look.try(look);
  }

  #stateOf(pid: number): State {
    const state = this.#states.get(pid) ?? {
      progress: this.#progress ?? "",
      pages: PageSet.empty,
      isFound: false,
      again: new Seldom(this.#nowNs),
    };
    this.#states.set(pid, state);
    return state;
  }

  #find(pid: number): PageSet {
    const usages = this.#proc.smaps(pid, this.#pageSizeBytes);
    return PageSet.from(usages.filter(({ flags }) => flags.has("mg")).map(({ vma }) => vma));
  }
}
