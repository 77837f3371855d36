/**
 * What is kept of all events in memory: a few numbers each, in typed arrays.
 *
 * @module
 */

/** No process: the event is not about one, or not about one that has a number. */
export const NO_PROCESS = -1;

/** A table of events in the order of the file. */
export class EventColumns {
  #types = new Uint8Array(64);
  #offsets = new Float64Array(64);
  #timesNs = new Float64Array(64);
  #processes = new Int32Array(64);
  #numbers = new Int32Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /**
   * Adds an event: its type's number, the offset of its frame, its time, its process's number, and its
   * own number among the reads or the clears of the file.
   */
  add(type: number, offset: number, atNs: number, process: number, number: number): void {
    if (this.#length === this.#types.length) this.#grow();
    this.#types[this.#length] = type;
    this.#offsets[this.#length] = offset;
    this.#timesNs[this.#length] = atNs;
    this.#processes[this.#length] = process;
    this.#numbers[this.#length++] = number;
  }

  type(i: number): number {
    return this.#types[i];
  }

  offset(i: number): number {
    return this.#offsets[i];
  }

  timeNs(i: number): number {
    return this.#timesNs[i];
  }

  process(i: number): number {
    return this.#processes[i];
  }

  /** Ascends among the reads, and among the clears. */
  number(i: number): number {
    return this.#numbers[i];
  }

  /** Which of the events are of one type. */
  ofType(type: number): Int32Array {
    let count = 0;
    for (let i = 0; i < this.#length; i++) if (this.#types[i] === type) count++;
    const found = new Int32Array(count);
    for (let i = 0, n = 0; n < count; i++) if (this.#types[i] === type) found[n++] = i;
    return found;
  }

  #grow(): void {
    const length = this.#length * 2;
    const grown = <T extends { set(from: T): void }>(column: T, larger: T): T => {
      larger.set(column);
      return larger;
    };
    this.#types = grown(this.#types, new Uint8Array(length));
    this.#offsets = grown(this.#offsets, new Float64Array(length));
    this.#timesNs = grown(this.#timesNs, new Float64Array(length));
    this.#processes = grown(this.#processes, new Int32Array(length));
    this.#numbers = grown(this.#numbers, new Int32Array(length));
  }
}
