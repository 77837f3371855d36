/**
 * Gives whole numbers an index in the order in which they come, in typed arrays: a `Map` takes some ten
 * times as long for a million numbers beyond 2^31.
 *
 * @module
 */

const HALF = 2 ** 32;
const FIRST_BITS = 6;
const FULL = 0.75;

/** Numbers from 0 to 2^53. */
export class NumberIndex {
  /** Of a hash table with open addressing: the index of a number, plus 1; 0 where there is none. */
  #indices = new Uint32Array(1 << FIRST_BITS);
  /** The numbers in the order of their indices: beside the table they would take four times as much. */
  #keys = new Float64Array((1 << FIRST_BITS) * FULL);
  #bits = FIRST_BITS;
  #size = 0;
  /** Random for each index, so that no trace can make all of its numbers collide. */
  readonly #low = oddNumber();
  readonly #high = oddNumber();

  /** All of them, in the order of their indices. */
  numbers(): Float64Array {
    return this.#keys.subarray(0, this.#size);
  }

  /** The number with an index; undefined if there is none. */
  at(index: number): number | undefined {
    return index < this.#size ? this.#keys[index] : undefined;
  }

  /** The index of a number; -1 if it was not added. */
  find(number: number): number {
    return this.#indices[this.#place(number)] - 1;
  }

  /** Adds a number that is not there yet, and returns its index. */
  add(number: number): number {
    // At most three quarters full: a number is mostly near where it is looked for first.
    if (this.#size === this.#keys.length) this.#grow();
    const place = this.#place(number);
    this.#keys[this.#size] = number;
    this.#indices[place] = ++this.#size;
    return this.#size - 1;
  }

  /** Where a number is, or belongs. */
  #place(number: number): number {
    const mask = this.#indices.length - 1;
    const hash = Math.imul(number | 0, this.#low) + Math.imul(number / HALF | 0, this.#high);
    let place = hash >>> (32 - this.#bits);
    for (; this.#indices[place] !== 0; place = (place + 1) & mask) {
      if (this.#keys[this.#indices[place] - 1] === number) break;
    }
    return place;
  }

  #grow(): void {
    const keys = this.#keys;
    this.#bits++;
    this.#indices = new Uint32Array(1 << this.#bits);
    this.#keys = new Float64Array((1 << this.#bits) * FULL);
    this.#keys.set(keys);
    for (let i = 0; i < this.#size; i++) this.#indices[this.#place(keys[i])] = i + 1;
  }
}

function oddNumber(): number {
  return Math.floor(Math.random() * HALF) | 1;
}
