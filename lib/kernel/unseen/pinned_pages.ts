/**
 * Finds the pages that stay soft-dirty whatever is cleared: the kernel does not clear private writable
 * pages that are pinned for long, since it must not write-protect them.
 *
 * Right after a clear a page is dirty if it is pinned, or if it was written just then.
 *
 * @module
 */

import { memoryOf } from "../../core/memory_kinds.ts";
import { PageSet } from "../../core/page_set.ts";
import type { Vma } from "../../core/vma.ts";
import { isWritable } from "../pagemap/mapped_memory.ts";
import type { PageReader, ProcessView } from "../pagemap/page_reader.ts";
import { hasEntries } from "../pagemap/pagemap.ts";
import type { PinFinder } from "./pins.ts";
import { Seldom } from "../system/seldom.ts";
import type { MonotonicClock } from "../../core/tracker.ts";

/** A page that is dirty after so many clears in a row is taken for pinned. */
const CLEARS = 3;

interface State {
  pages: PageSet;
  readonly look: Seldom;
  readonly confirm: Seldom;
}

/** What is known to be pinned, for each process. */
export class PinnedPages {
  readonly #reader: PageReader;
  readonly #pins: PinFinder;
  readonly #nowNs: MonotonicClock;
  readonly #isStill: boolean;
  readonly #states = new Map<number, State>();

  /** @param isStill the process is stopped in each clear, so that nothing is written just then */
  constructor(reader: PageReader, pins: PinFinder, nowNs: MonotonicClock, isStill: boolean) {
    this.#reader = reader;
    this.#pins = pins;
    this.#nowNs = nowNs;
    this.#isStill = isStill;
  }

  /**
   * The pages that are known to be pinned, by the last clear, or since, as the kernel lists them; and
   * how many more the kernel counts.
   */
  of(pid: number, vmas: readonly Vma[]): { pages: PageSet; unlocatedPages: number } {
    const found = this.#states.get(pid)?.pages ?? PageSet.empty;
    const { registered, pinnedPages } = this.#pins.of(pid, vmas);
    const pages = registered.isEmpty
      ? found
      : found.union(registered.intersect(pinnable(vmas).union(memoryOf(vmas, "shared"))));
    return { pages, unlocatedPages: Math.max(0, pinnedPages - pages.pageCount) };
  }

  /**
   * Looks what a clear left. It is to be called right after one.
   *
   * @param clearAgain clears once more
   */
  look(view: ProcessView, clearAgain: () => void): void {
    const { pid, vmas } = view;
    const { registered, mayBeMore } = this.#pins.of(pid, vmas);
    const known = this.#states.get(pid);
    if (!mayBeMore && registered.isEmpty) {
      if (known !== undefined) known.pages = PageSet.empty;
      return;
    }
    const state = known ?? {
      pages: PageSet.empty,
      look: new Seldom(this.#nowNs),
      confirm: new Seldom(this.#nowNs),
    };
    this.#states.set(pid, state);
    const look = () => {
      const candidates = mayBeMore ? pinnable(vmas) : pinnable(vmas).intersect(registered);
      return this.#reader.dirtyIn(view, candidates);
    };
    // Where pages are pinned, each clear is looked after: they may be given back, and become tracked.
    const left = state.pages.isEmpty ? state.look.try(look) : look();
    if (left === undefined) return;
    const fresh = left.subtract(state.pages);
    const isSure = this.#isStill || !mayBeMore;
    const added = fresh.isEmpty || isSure
      ? fresh
      : state.confirm.try(() => this.#confirmed(view, fresh, clearAgain)) ?? PageSet.empty;
    state.pages = left.intersect(state.pages).union(added);
  }

  /** Forgets a process, or all. */
  release(pid?: number): void {
    if (pid === undefined) this.#states.clear();
    else this.#states.delete(pid);
  }

  /** What is still dirty after further clears; a page that is written all the time may be among it. */
  #confirmed(view: ProcessView, pages: PageSet, clearAgain: () => void): PageSet {
    let left = pages;
    for (let i = 1; i < CLEARS && !left.isEmpty; i++) {
      clearAgain();
      left = this.#reader.dirtyIn(view, left).intersect(left);
    }
    return left;
  }
}

/** Where a pin keeps the bit from being cleared: not in shared memory. Vast mappings are not looked at. */
function pinnable(vmas: readonly Vma[]): PageSet {
  return PageSet.from(
    vmas.filter((vma) => hasEntries(vma) && isWritable(vma) && vma.perms.endsWith("p")),
  );
}
