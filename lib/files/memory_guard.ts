/**
 * Keeps a command that goes through a trace within bounded memory: what a trace asks for may be more
 * than a machine should give, and a process that takes too much is killed without a word.
 *
 * @module
 */

import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { TraceError } from "../core/errors.ts";
import { derivedSeries, type SnapshotSeries } from "../core/untracked_process.ts";
import type { TraceReader } from "../trace/reader.ts";
import { type Spending, WorkBudget } from "../trace/work_budget.ts";

/** Beyond this, garbage is thrown away at once: left alone, a runtime lets it grow to as much again. */
const COLLECTED_AT_BYTES = 144 * 2 ** 20;
/** Between two times so much may be added. */
const STEP_BYTES = 32 * 2 ** 20;
/** What is in use may be so much. A file of more than 32 MiB may ask for more in proportion. */
const MOST_BYTES = 176 * 2 ** 20;
const BOUNDED_BYTES = 1 << 25;
/** What is done between two looks: some milliseconds. */
const UNITS_BETWEEN_LOOKS = 1 << 15;

const UNITS_OF_SNAPSHOT = 1 << 9;
/** A mapping can have a long name. */
const UNITS_OF_MAPPING = 8;

/** Looks at the memory of this process now and then. */
export class MemoryGuard {
  readonly #name: string;
  readonly #mostBytes: number;
  /** What was in use before. */
  readonly #ownBytes = bytesKept();
  #collectAtBytes = this.#ownBytes + COLLECTED_AT_BYTES;
  #units = 0;

  /** @param trace what is gone through */
  constructor({ name, sizeBytes }: { readonly name: string; readonly sizeBytes: number }) {
    this.#name = name;
    this.#mostBytes = MOST_BYTES * Math.max(1, sizeBytes / BOUNDED_BYTES);
  }

  /**
   * Is called along with the work that is done.
   *
   * @throws TraceError if too much memory is in use.
   */
  look(units: number): void {
    this.#units += units;
    if (this.#units < UNITS_BETWEEN_LOOKS) return;
    this.#units = 0;
    if (bytesInUse() < this.#collectAtBytes) return;
    const bytes = bytesKept();
    this.#collectAtBytes = Math.max(this.#ownBytes + COLLECTED_AT_BYTES, bytes + STEP_BYTES);
    if (bytes < this.#ownBytes + this.#mostBytes) return;
    throw new TraceError(
      "too-large",
      this.#name,
      `${this.#name} asks for too much memory: more than ${this.#mostBytes >>> 20} MiB`,
      "Choose a part of it, as with -e 'pid == 1234' or -e 'mapping == \"[heap]\"'",
    );
  }
}

/** What a command may take that goes through a trace: work, and memory. */
export function budgetOf({ name, sizeBytes }: TraceReader): WorkBudget {
  const guard = new MemoryGuard({ name, sizeBytes });
  return new WorkBudget(name, sizeBytes, (units) => guard.look(units));
}

/** The same, of which all that is asked is to spend it. */
export function boundsOf(trace: TraceReader): Spending {
  const budget = budgetOf(trace);
  return (units) => budget.spend(units);
}

/**
 * The snapshots of a trace, each walk of them within such bounds.
 *
 * @param meant some of them; all by default
 */
export function boundedSnapshots(
  trace: TraceReader,
  meant: SnapshotSeries = trace.snapshots,
): SnapshotSeries {
  return derivedSeries(meant, function* () {
    const guard = new MemoryGuard(trace);
    for (const snapshot of meant) {
      const { vmas, pages } = snapshot;
      guard.look(UNITS_OF_SNAPSHOT + UNITS_OF_MAPPING * vmas.length + pages.dirty.runCount);
      yield snapshot;
    }
  });
}

/** What it takes to write a row, over what it takes to look at a mapping. */
const WORK_OF_ROW = 96;

/** Snapshots of which each dirty run and each mapping is written as a row, within bounds. */
export function workOfRows(snapshots: SnapshotSeries, spend: Spending): SnapshotSeries {
  return derivedSeries(snapshots, function* () {
    for (const one of snapshots) {
      spend(WORK_OF_ROW * (one.pages.dirty.runCount + one.vmas.length));
      yield one;
    }
  });
}

/** Of objects and arrays, garbage included. */
function bytesInUse(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/** The same without garbage, where that can be much. */
function bytesKept(): number {
  if (bytesInUse() > STEP_BYTES) collectGarbage();
  // Arrays outside the heap are freed in the background, or before the next collection: without one,
  // whether dead arrays count would depend on chance.
  if (getHeapStatistics().external_memory > STEP_BYTES) collectGarbage();
  return bytesInUse();
}

let collect: (() => void) | undefined;

/** Where the runtime has no such call, it decides by itself. */
function collectGarbage(): void {
  if (collect === undefined) {
    try {
      setFlagsFromString("--expose-gc");
      collect = runInNewContext("gc") as () => void;
    } catch {
      collect = () => {};
    }
  }
  collect();
}
