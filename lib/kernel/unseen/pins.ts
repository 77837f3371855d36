/**
 * Finds out whether memory of a process may be pinned for long, so that devices can write to it: RDMA,
 * VFIO, registered buffers of io_uring.
 *
 * @module
 */

import { PageSet } from "../../core/page_set.ts";
import type { Vma } from "../../core/vma.ts";
import type { ProcFs } from "../proc/proc_fs.ts";
import { Seldom } from "../system/seldom.ts";
import type { MonotonicClock } from "../../core/tracker.ts";

/** What may be pinned. */
export interface Pins {
  /** Buffers that are registered with io_uring, as the kernel lists them. */
  readonly registered: PageSet;
  /** True if there may be more, at unknown addresses. */
  readonly mayBeMore: boolean;
  /** How many pages the kernel counts as pinned; one that is pinned twice counts twice. */
  readonly pinnedPages: number;
}

/** Of so many rings the buffers are asked for each time; of more, seldom. */
const FEW_RINGS = 4;

/** A process that pins nothing now is looked at again after so long, in nanoseconds. */
const AGAIN_NS = 5e9;

const IO_URING = "anon_inode:[io_uring]";

/** What is mapped by a process that has memory pinned, and that VmPin need not count. */
const PINNING = /^(anon_inode:\[?vfio|\/dev\/(vfio|infiniband|nvidia|iommu)|socket:)/;

/** What is mapped where VFIO pins memory, which counts as locked. */
const VFIO = /^(anon_inode:\[?vfio|\/dev\/vfio)/;

interface State {
  readonly again: Seldom;
  readonly rings: Seldom;
  descriptors: readonly number[];
  pinnedBytes: number;
  lockedBytes: number;
  registered: PageSet;
  /** True if a ring did not say which buffers it has. */
  isUnsure: boolean;
}

/** Finds them, and looks again now and then. */
export class PinFinder {
  readonly #proc: ProcFs;
  readonly #pageSizeBytes: number;
  readonly #nowNs: MonotonicClock;
  readonly #states = new Map<number, State>();
  readonly #mayPin = new WeakMap<readonly Vma[], boolean>();

  constructor(proc: ProcFs, pageSizeBytes: number, nowNs: MonotonicClock) {
    this.#proc = proc;
    this.#pageSizeBytes = pageSizeBytes;
    this.#nowNs = nowNs;
  }

  /** What may be pinned of a process with these mappings. */
  of(pid: number, vmas: readonly Vma[]): Pins {
    const state = this.#states.get(pid) ?? {
      again: new Seldom(this.#nowNs, { leastNs: AGAIN_NS }),
      rings: new Seldom(this.#nowNs),
      descriptors: [],
      pinnedBytes: 0,
      lockedBytes: 0,
      registered: PageSet.empty,
      isUnsure: false,
    };
    this.#states.set(pid, state);
    state.again.try(() => {
      state.descriptors = this.#proc.descriptorsOf(pid, IO_URING);
      this.#count(pid, state);
    });
    if (state.descriptors.length <= FEW_RINGS) this.#lookAtRings(pid, state);
    else state.rings.try(() => this.#lookAtRings(pid, state));
    const { registered, isUnsure, pinnedBytes, lockedBytes } = state;
    const bytes = pinnedBytes + (lockedBytes > 0 && hasVfio(vmas) ? lockedBytes : 0);
    return {
      registered,
      pinnedPages: Math.ceil(bytes / this.#pageSizeBytes),
      mayBeMore: isUnsure || pinnedBytes > registered.pageCount * this.#pageSizeBytes ||
        this.#isPinning(vmas),
    };
  }

  /** Forgets a process, or all. */
  release(pid?: number): void {
    if (pid === undefined) this.#states.clear();
    else this.#states.delete(pid);
  }

  #isPinning(vmas: readonly Vma[]): boolean {
    const known = this.#mayPin.get(vmas) ?? vmas.some(({ name }) => PINNING.test(name));
    this.#mayPin.set(vmas, known);
    return known;
  }

  #count(pid: number, state: State): void {
    const [pinned, locked] = this.#proc.statusFields(pid, "VmPin", "VmLck");
    state.pinnedBytes = parseInt(pinned || "0") * 1024;
    state.lockedBytes = parseInt(locked || "0") * 1024;
  }

  #lookAtRings(pid: number, state: State): void {
    if (state.descriptors.length === 0 && state.registered.isEmpty) return;
    const found = state.descriptors.map((descriptor) =>
      parseBuffers(this.#proc.descriptorText(pid, descriptor), this.#pageSizeBytes)
    );
    const registered = found.reduce((all, { pages }) => all.union(pages), PageSet.empty);
    // What was counted before is not of these.
    if (!registered.equals(state.registered)) this.#count(pid, state);
    state.registered = registered;
    state.isUnsure = found.some(({ isWhole }) => !isWhole);
  }
}

function hasVfio(vmas: readonly Vma[]): boolean {
  return vmas.some(({ name }) => VFIO.test(name));
}

/**
 * Reads the buffers of a ring from its `fdinfo`. While the ring is in use, the kernel can print how many
 * there are, and not which.
 */
export function parseBuffers(
  text: string,
  pageSizeBytes: number,
): { readonly pages: PageSet; readonly isWhole: boolean } {
  const [, countText = "0", list = ""] =
    /^UserBufs:\s*(\d+)\n((?:\s+\d+: 0x[0-9a-f]+\/\d+\n)*)/m.exec(text) ?? [];
  const buffers = Array.from(list.matchAll(/0x([0-9a-f]+)\/(\d+)/g), ([, address, length]) => {
    const lastPage = pageSizeBytes - 1;
    const bytes = BigInt(`0x${address}`);
    const end = bytes + BigInt(length) + BigInt(lastPage);
    return {
      start: Number(bytes / BigInt(pageSizeBytes)),
      end: Number(end / BigInt(pageSizeBytes)),
    };
  });
  return { pages: PageSet.from(buffers), isWhole: buffers.length === Number(countText) };
}
