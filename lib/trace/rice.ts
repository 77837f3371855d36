/**
 * Rice codes: a number in unary of its upper part, and the lower bits as they are. For gaps between
 * pages that are chosen at random this comes within half a percent of what information theory allows
 * (R. F. Rice, "Some Practical Universal Noiseless Coding Techniques", JPL 1979).
 *
 * The code of `value` with parameter `k` is `value >> k` ones, a zero, and the `k` lowest bits, most
 * significant first. From {@linkcode ESCAPE} ones on it is that many ones, and 53 bits.
 *
 * @module
 */

/** So many ones mean that the number follows as it is. */
export const ESCAPE = 24;
const RAW_BITS = 53;

/** The largest parameter. */
export const MAX_PARAMETER = 24;

/** What is coded in ones; at least {@linkcode ESCAPE} for all that have so many. */
function quotientOf(value: number, k: number): number {
  // Shifts work on 32 bits, and what has more is beyond them for each parameter.
  return value < 2 ** 31 ? value >>> k : ESCAPE;
}

/** How many bits the code of a number has. */
export function riceBits(value: number, k: number): number {
  const quotient = quotientOf(value, k);
  return quotient < ESCAPE ? quotient + 1 + k : ESCAPE + RAW_BITS;
}

/** Appends codes to bytes. */
export class RiceWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;
  /** Bits that do not make a byte yet, and how many they are. */
  #pending = 0;
  #pendingCount = 0;

  constructor(capacityBytes: number) {
    this.#bytes = new Uint8Array(capacityBytes);
  }

  /** Appends one code. */
  put(value: number, k: number): void {
    if (this.#length + 16 > this.#bytes.length) this.#grow();
    const quotient = quotientOf(value, k);
    if (quotient < ESCAPE) {
      this.#bits(((1 << quotient) - 1) << 1, quotient + 1);
      this.#bits(value & ((1 << k) - 1), k);
    } else {
      this.#bits(2 ** ESCAPE - 1, ESCAPE);
      this.#bits(Math.floor(value / 2 ** 29), 24);
      this.#bits(Math.floor(value / 2 ** 5) % 2 ** 24, 24);
      this.#bits(value % 2 ** 5, 5);
    }
  }

  /** All codes, the last byte filled up with zeros. */
  finish(): Uint8Array {
    if (this.#pendingCount > 0) this.#bits(0, 8 - this.#pendingCount);
    return this.#bytes.subarray(0, this.#length);
  }

  /** At most 25 bits: with seven that are pending they make 32. */
  #bits(bits: number, count: number): void {
    this.#pending = (this.#pending << count) | bits;
    this.#pendingCount += count;
    while (this.#pendingCount >= 8) {
      this.#pendingCount -= 8;
      this.#bytes[this.#length++] = this.#pending >>> this.#pendingCount;
    }
  }

  #grow(): void {
    const larger = new Uint8Array(this.#bytes.length * 2 + 16);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Reads codes from bytes. */
export class RiceReader {
  readonly #bytes: Uint8Array;
  /** Where the next code begins, in bits. */
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Where the next code begins, in bits. */
  get at(): number {
    return this.#at;
  }

  /**
   * The next number.
   *
   * @throws RangeError if the bytes end within it.
   */
  next(k: number): number {
    const window = this.#window(this.#at);
    const quotient = Math.clz32(~window);
    if (quotient + 1 + k <= 32 && quotient < ESCAPE) {
      this.#at += quotient + 1 + k;
      if (this.#at > this.#bytes.length * 8) throw new RangeError("The last number has no end");
      if (k === 0) return quotient;
      return quotient * 2 ** k + ((window << (quotient + 1)) >>> (32 - k));
    }
    return this.#long(quotient, k);
  }

  #long(quotient: number, k: number): number {
    const isRaw = quotient >= ESCAPE;
    this.#at += isRaw ? ESCAPE : quotient + 1;
    const value = isRaw
      ? this.#take(24) * 2 ** 29 + this.#take(24) * 2 ** 5 + this.#take(5)
      : quotient * 2 ** k + this.#take(k);
    if (this.#at > this.#bytes.length * 8) throw new RangeError("The last number has no end");
    return value;
  }

  #take(count: number): number {
    const bits = this.#window(this.#at) >>> (32 - count);
    this.#at += count;
    return bits;
  }

  /** The 32 bits from a position on; zeros behind the end. */
  #window(at: number): number {
    const bytes = this.#bytes;
    const i = at >>> 3;
    const shift = at & 7;
    const word = (bytes[i] << 24) | (bytes[i + 1] << 16) | (bytes[i + 2] << 8) | bytes[i + 3];
    return shift === 0 ? word : (word << shift) | (bytes[i + 4] >>> (8 - shift));
  }
}

/** So many numbers at a time stay in the fastest memory. */
const BATCH_LENGTH = 2048;
const batch = new Int32Array(BATCH_LENGTH);

/**
 * Reads codes of one parameter in batches, which is many times faster than one by one.
 *
 * @param onBatch gets numbers below 2^30, in an array that is used again after it returned
 * @param onLong gets a number of any size
 * @throws RangeError if the bytes end before.
 */
export function readCodes(
  bytes: Uint8Array,
  k: number,
  count: number,
  onBatch: (values: Int32Array) => void,
  onLong: (value: number) => void,
): void {
  const cursor = { at: 0 };
  for (let left = count; left > 0;) {
    const found = readShortCodes(bytes, cursor, k, Math.min(left, BATCH_LENGTH));
    if (found > 0) onBatch(batch.subarray(0, found));
    left -= found;
    if (found === BATCH_LENGTH || left === 0) continue;
    // A long code, or one near the end of the bytes.
    const reader = new RiceReader(bytes, cursor.at);
    onLong(reader.next(k));
    cursor.at = reader.at;
    left--;
  }
}

/** Number of codes that are read out of 32 bits: usually they fit, so that the branch is predictable. */
const CODES_OF_WINDOW = 3;

/** Fills the batch with codes of at most 32 bits, while there are five bytes for each; returns the count. */
function readShortCodes(
  bytes: Uint8Array,
  cursor: { at: number },
  k: number,
  limit: number,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const safeBits = (bytes.length - 5) * 8;
  const shift = 31 - k;
  let at = cursor.at;
  let n = 0;
  while (n < limit && at <= safeBits) {
    const i = at >>> 3;
    const bit = at & 7;
    // Shifts are modulo 32, so those by up to 32 are done in two steps.
    let window = (view.getInt32(i) << bit) | ((bytes[i + 4] >>> 1) >>> (7 - bit));
    const last = Math.min(n + CODES_OF_WINDOW, limit);
    let used = 0;
    for (; n < last; n++) {
      const quotient = Math.clz32(~window);
      const end = used + quotient + 1 + k;
      // Zeros are shifted in from the right; no code is allowed to use them.
      if (end > 32 || quotient >= ESCAPE) break;
      window <<= quotient + 1;
      batch[n] = (quotient << k) + (window >>> 1 >>> shift);
      window <<= k;
      used = end;
    }
    if (used === 0) break;
    at += used;
  }
  cursor.at = at;
  return n;
}
