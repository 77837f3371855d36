/**
 * Counts the pages that the kernel reclaims. When it reclaims a page of shared memory or of a mapped
 * file, it empties the entry of the page table, and the soft-dirty bit with it.
 *
 * @module
 */

import { join } from "node:path";
import type { Vma } from "../../core/vma.ts";
import { Cgroup, cgroupMount } from "../proc/cgroup_fs.ts";
import type { KeptText } from "../proc/kept_text.ts";
import { isWritable } from "../pagemap/mapped_memory.ts";
import type { ProcFs } from "../proc/proc_fs.ts";
import { Seldom } from "../system/seldom.ts";
import type { MonotonicClock } from "../../core/tracker.ts";

/**
 * The count is read so often, in nanoseconds: to read it takes some ten microseconds, and a multiple when
 * the caches are cold. Of shorter windows, what was reclaimed may count for one of the next.
 */
const LOOK_NS = 2.5e8;

/** Where pages are counted, and what was counted last. */
interface Counter {
  readonly file: KeptText;
  readonly look: Seldom;
  count: number | null;
  /** What it was when the window began; null if it was not looked at then. */
  atStart: number | null;
}

/** The pages that were reclaimed in the window of each process. */
export class ReclaimCounter {
  readonly #proc: ProcFs;
  readonly #nowNs: MonotonicClock;
  readonly #counters = new Map<number, Counter>();
  readonly #concerned = new WeakMap<readonly Vma[], boolean>();

  constructor(proc: ProcFs, nowNs: MonotonicClock) {
    this.#proc = proc;
    this.#nowNs = nowNs;
  }

  /** Begins a window. */
  begin(pid: number, vmas: readonly Vma[]): void {
    if (!this.#isConcerned(vmas)) this.release(pid);
    else {
      const counter = this.#looked(pid);
      counter.atStart = counter.count;
    }
  }

  /**
   * Pages that were reclaimed in this window: in the control group of the process, or if that does not
   * count them, in the whole system. Null if no window began, and for a process without writable shared memory.
   */
  since(pid: number, vmas: readonly Vma[]): number | null {
    if (!this.#counters.has(pid) || !this.#isConcerned(vmas)) return null;
    const { count, atStart } = this.#looked(pid);
    return count === null || atStart === null ? null : Math.max(0, count - atStart);
  }

  /** Forgets a process, or all. */
  release(pid?: number): void {
    for (const [key, { file }] of this.#counters) {
      if (pid !== undefined && key !== pid) continue;
      file.close();
      this.#counters.delete(key);
    }
  }

  #looked(pid: number): Counter {
    const counter = this.#counters.get(pid) ?? this.#open(pid);
    this.#counters.set(pid, counter);
    counter.look.try(() => counter.count = parseReclaimed(counter.file.read()));
    return counter;
  }

  /** Opens the counts of its group, or of the system where there is none that counts. */
  #open(pid: number): Counter {
    const look = new Seldom(this.#nowNs, { leastNs: LOOK_NS, mostNs: LOOK_NS });
    const group = this.#proc.cgroupPath(pid);
    const mount = cgroupMount(this.#proc.mountinfo());
    if (mount !== undefined && group !== undefined) {
      const file = new Cgroup(join(mount, group)).memoryStat();
      const count = parseReclaimed(file.read());
      if (count !== null) return { file, look, count, atStart: null };
      file.close();
    }
    const file = this.#proc.vmstat();
    return { file, look, count: parseReclaimed(file.read()), atStart: null };
  }

  #isConcerned(vmas: readonly Vma[]): boolean {
    const known = this.#concerned.get(vmas) ??
      vmas.some((vma) => isWritable(vma) && vma.perms.endsWith("s"));
    this.#concerned.set(vmas, known);
    return known;
  }
}

/**
 * The pages that were reclaimed so far, from `memory.stat` or `/proc/vmstat`; null if it does not say.
 * What a process asks for (MADV_PAGEOUT) is counted as swapped out, and not as reclaimed.
 */
export function parseReclaimed(text: string): number | null {
  const steals = STEALS.map((name) => countOf(text, name)).filter((count) => count !== null);
  if (steals.length === 0) return null;
  return Math.max(steals.reduce((sum, count) => sum + count), countOf(text, "pswpout") ?? 0);
}

/** The ways of reclaiming that are counted apart. */
const STEALS = ["kswapd", "direct", "khugepaged", "proactive"].map((by) => `pgsteal_${by}`);

/** A count by its name; there are some hundred, so that looking for few is faster than parsing all. */
function countOf(text: string, name: string): number | null {
  const at = text.indexOf(`\n${name} `);
  if (at < 0) return null;
  const from = at + name.length + 2;
  return Number(text.slice(from, text.indexOf("\n", from)));
}
