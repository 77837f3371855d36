/**
 * What plans see of windows, packed: one that does not end soon goes through them thirty times.
 *
 * @module
 */

import type { Reuse } from "./reuse.ts";

/** One window as plans see it. */
export interface PlannedWindow {
  readonly reuse: Reuse;
  readonly durationNs: number;
  /** Pages that exist at its end. */
  readonly memoryPages: number;
}

/** Numbers of a window: its duration, its memory, its dirty pages, and where its ages end. */
const FIELDS = 4;

/** Windows of one program. */
export class WindowTape {
  #fields = new Float64Array(8 * FIELDS);
  /** The ages of each window, and then how many pages have each of them. */
  #ages = new Uint32Array(32);
  #agesEnd = 0;
  #length = 0;

  /** How many there are. */
  get length(): number {
    return this.#length;
  }

  /** Adds a window. */
  add({ reuse: { pageCount, ages, counts }, durationNs, memoryPages }: PlannedWindow): void {
    const end = this.#agesEnd + 2 * ages.length;
    if (end > this.#ages.length) {
      const before = this.#ages;
      this.#ages = new Uint32Array(2 * end);
      this.#ages.set(before);
    }
    this.#ages.set(ages, this.#agesEnd);
    this.#ages.set(counts, this.#agesEnd + ages.length);
    this.#agesEnd = end;
    const at = FIELDS * this.#length++;
    if (at === this.#fields.length) {
      const before = this.#fields;
      this.#fields = new Float64Array(2 * at);
      this.#fields.set(before);
    }
    this.#fields.set([durationNs, memoryPages, pageCount, end], at);
  }

  /** Its windows, from one to before another. */
  *windows(first: number, end: number): Generator<PlannedWindow, void, void> {
    let from = first === 0 ? 0 : this.#fields[FIELDS * first - 1];
    for (let at = FIELDS * first; at < FIELDS * end; at += FIELDS) {
      const to = this.#fields[at + 3];
      const middle = (from + to) / 2;
      yield {
        durationNs: this.#fields[at],
        memoryPages: this.#fields[at + 1],
        reuse: {
          pageCount: this.#fields[at + 2],
          ages: this.#ages.subarray(from, middle),
          counts: this.#ages.subarray(middle, to),
        },
      };
      from = to;
    }
  }
}
