/**
 * The first elements of a msgpack array, without decoding what follows.
 *
 * @module
 */

/** Bytes of a number after its first byte. */
const SIZES: Readonly<Record<number, number>> = { 0xcc: 1, 0xcd: 2, 0xce: 4, 0xcf: 8, 0xcb: 8 };

/**
 * Numbers and nils at the beginning of an array; -1 stands for nil and for what is neither.
 *
 * @param body the first bytes of the array; 40 are enough for three elements
 */
export function firstNumbers(body: Uint8Array, wanted: number): number[] {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const isShort = body[0] >= 0x90 && body[0] <= 0x9f;
  const isLong = body[0] === 0xdc && body.length > 3; // array 16
  const length = isShort ? body[0] & 0x0f : isLong ? view.getUint16(1) : 0;
  const numbers: number[] = [];
  let at = isLong ? 3 : 1;
  for (let i = 0; i < wanted; i++) {
    const first = i < length && at < body.length ? body[at] : 0xc0;
    const size = SIZES[first] ?? 0;
    if (at + 1 + size > body.length) numbers.push(-1);
    else if (first <= 0x7f) numbers.push(first);
    else if (size === 0) numbers.push(-1);
    else if (first === 0xcb) numbers.push(view.getFloat64(at + 1));
    else if (size === 8) numbers.push(Number(view.getBigUint64(at + 1)));
    else {numbers.push(
        size === 4 ? view.getUint32(at + 1) : size === 2 ? view.getUint16(at + 1) : body[at + 1],
      );}
    at += 1 + size;
  }
  return numbers;
}
