/**
 * Divides the windows of a process into columns, of which there are never more than fit: when they are
 * full, each two become one.
 *
 * @module
 */

import type { Snapshot } from "../core/snapshot.ts";

/** Windows that follow each other. */
export interface TimeColumn {
  /** From the first clear to the end of the last read, since the session began. */
  readonly startNs: number;
  /** End of the last read, from the same origin. */
  readonly endNs: number;
  /** Windows that were counted; each is from a clear to the read after it. */
  readonly windowCount: number;
  /** The numbers of the first and the last snapshot that are counted here. */
  readonly firstSnapshot: number;
  /** Number of the last snapshot, inclusive. */
  readonly lastSnapshot: number;
}

/** How many windows are over when each column begins. */
export function firstWindowsOf(columns: readonly TimeColumn[]): number[] {
  let count = 0;
  return columns.map(({ windowCount }) => (count += windowCount) - windowCount);
}

/** The columns of one process. */
export class TimeColumns {
  readonly most: number;
  readonly #onHalve: () => void;
  #columns: TimeColumn[] = [];
  #windowsEach = 1;
  #windowCount = 0;

  /**
   * @param most the most columns; an odd number is rounded down to an even one
   * @param onHalve called when each two columns become one
   */
  constructor(most: number, onHalve: () => void) {
    this.most = Math.max(2, most - most % 2);
    this.#onHalve = onHalve;
  }

  /** All columns until now. */
  get all(): readonly TimeColumn[] {
    return this.#columns;
  }

  /** How many windows were added. */
  get windowCount(): number {
    return this.#windowCount;
  }

  /** Adds the window of a snapshot, and returns its column. */
  add({ sinceClear, atNs, durationNs, index }: Snapshot): number {
    if (this.#windowCount === this.most * this.#windowsEach) this.#halve();
    const column = Math.floor(this.#windowCount++ / this.#windowsEach);
    const before = this.#columns[column];
    this.#columns[column] = {
      startNs: before?.startNs ?? sinceClear!.atNs,
      endNs: atNs + durationNs,
      windowCount: (before?.windowCount ?? 0) + 1,
      firstSnapshot: before?.firstSnapshot ?? index,
      lastSnapshot: index,
    };
    return column;
  }

  #halve(): void {
    this.#onHalve();
    this.#windowsEach *= 2;
    this.#columns = Array.from({ length: this.#columns.length / 2 }, (_, i) => {
      const [a, b] = [this.#columns[2 * i], this.#columns[2 * i + 1]];
      return {
        ...{ startNs: a.startNs, endNs: b.endNs, windowCount: a.windowCount + b.windowCount },
        ...{ firstSnapshot: a.firstSnapshot, lastSnapshot: b.lastSnapshot },
      };
    });
  }
}

/** Makes one value of each two, their sum; the latter half is 0 then. */
export function halve(values: Float64Array): void {
  const half = Math.ceil(values.length / 2);
  for (let i = 0; i < half; i++) values[i] = values[2 * i] + (values[2 * i + 1] ?? 0);
  values.fill(0, half);
}

/** Sums of columns, in an array that grows with them: most processes have few. */
export class ColumnSums {
  readonly #combine: (a: number, b: number) => number;
  #values = new Float64Array(1);

  /** @param combine makes one value of two; their sum by default */
  constructor(combine = (a: number, b: number) => a + b) {
    this.#combine = combine;
  }

  /** Adds to the sum of a column. */
  add(column: number, value: number): void {
    if (column >= this.#values.length) {
      const grown = new Float64Array(Math.max(column + 1, this.#values.length * 2));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[column] = this.#combine(this.#values[column], value);
  }

  /** Makes one column of each two. */
  halve(): void {
    const values = this.#values;
    const half = Math.ceil(values.length / 2);
    for (let i = 0; i < half; i++) {
      values[i] = this.#combine(values[2 * i], values[2 * i + 1] ?? 0);
    }
    values.fill(0, half);
  }

  /** Adds all sums of another. */
  addAll(other: ColumnSums): void {
    for (let i = other.#values.length - 1; i >= 0; i--) this.add(i, other.#values[i]);
  }

  get total(): number {
    return this.#values.reduce((sum, value) => sum + value, 0);
  }

  /** The first sums. */
  first(count: number): number[] {
    return Array.from({ length: count }, (_, i) => this.#values[i] ?? 0);
  }
}
