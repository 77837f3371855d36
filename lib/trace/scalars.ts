/**
 * The first elements of a msgpack array, without decoding what follows.
 *
 * @module
 */

/** Bytes of a number after its first byte. */
const SIZES: Readonly<Record<number, number>> = { 0xcc: 1, 0xcd: 2, 0xce: 4, 0xcf: 8, 0xcb: 8 };
const NIL = 0xc0;

/**
 * Numbers and nils at the beginning of an array, as the writer of this program has them; -1 stands for
 * nil and for what follows such an element. Undefined if that takes a whole decoder.
 *
 * @param body the first bytes of the array; 40 are enough for three elements
 */
export function firstNumbers(body: Uint8Array, wanted: number): number[] | undefined {
  if (!(body[0] >= 0x90 && body[0] <= 0x9f)) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const length = body[0] & 0x0f;
  const numbers: number[] = [];
  let at = 1;
  for (let i = 0; i < wanted; i++) {
    const first = i < length && at < body.length ? body[at] : NIL;
    const size = SIZES[first] ?? 0;
    if (at + 1 + size > body.length && i < length) return undefined;
    if (first <= 0x7f) numbers.push(first);
    else if (first === NIL) numbers.push(-1);
    else if (size === 0) return undefined;
    else numbers.push(numberAt(view, at + 1, first));
    at += 1 + size;
  }
  return numbers;
}

function numberAt(view: DataView, at: number, first: number): number {
  switch (first) {
    case 0xcc:
      return view.getUint8(at);
    case 0xcd:
      return view.getUint16(at);
    case 0xce:
      return view.getUint32(at);
    case 0xcb:
      return view.getFloat64(at);
    default:
      return Number(view.getBigUint64(at));
  }
}
