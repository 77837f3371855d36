/**
 * Bits of a bitmap.
 *
 * @module
 */

/** Sets one bit. */
export function setBit(block: Int32Array, at: number): void {
  block[at >>> 5] |= 1 << (at & 31);
}

/** Sets the bits from `from` to before `to`. */
export function fill(block: Int32Array, from: number, to: number): void {
  const firstWord = from >>> 5;
  const lastWord = (to - 1) >>> 5;
  const head = -1 << (from & 31);
  const tail = -1 >>> (31 - ((to - 1) & 31));
  if (firstWord === lastWord) block[firstWord] |= head & tail;
  else {
    block[firstWord] |= head;
    block.fill(-1, firstWord + 1, lastWord);
    block[lastWord] |= tail;
  }
}

/** Clears the bits from `from` to before `to`. */
export function clear(block: Int32Array, from: number, to: number): void {
  const firstWord = from >>> 5;
  const lastWord = (to - 1) >>> 5;
  const head = -1 << (from & 31);
  const tail = -1 >>> (31 - ((to - 1) & 31));
  if (firstWord === lastWord) block[firstWord] &= ~(head & tail);
  else {
    block[firstWord] &= ~head;
    block.fill(0, firstWord + 1, lastWord);
    block[lastWord] &= ~tail;
  }
}

/** How many bits are set from `from` to before `to`. */
export function countBits(block: Int32Array, from: number, to: number): number {
  const firstWord = from >>> 5;
  const lastWord = (to - 1) >>> 5;
  const head = -1 << (from & 31);
  const tail = -1 >>> (31 - ((to - 1) & 31));
  if (firstWord === lastWord) return bitsOf(block[firstWord] & head & tail);
  let count = bitsOf(block[firstWord] & head) + bitsOf(block[lastWord] & tail);
  for (let i = firstWord + 1; i < lastWord; i++) count += bitsOf(block[i]);
  return count;
}

/** How many bits of a word are set: by pairs, by fours, by bytes, and the bytes added up. */
function bitsOf(word: number): number {
  const pairs = word - (word >>> 1 & 0x55555555);
  const fours = (pairs & 0x33333333) + (pairs >>> 2 & 0x33333333);
  return Math.imul(fours + (fours >>> 4) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
