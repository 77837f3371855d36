/**
 * CRIU's image files: one or two magic numbers, then entries, each a protobuf message behind its
 * length. https://criu.org/Images, and `criu/include/magic.h` in CRIU's sources.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { imageEntries } from "./image.ts";
 *
 * // The common magic number, that of mappings, and an entry of two bytes.
 * const image = Uint8Array.of(
 *   ...[0x19, 0x43, 0x56, 0x54, 0x20, 0x28, 0x49, 0x57],
 *   ...[2, 0, 0, 0, 8, 1],
 * );
 * assert.deepEqual([...imageEntries(image, "mm")], [Uint8Array.of(8, 1)]);
 * ```
 *
 * @module
 */

/** Images since version 1.1 begin with it, but for the inventory. */
const COMMON_MAGIC = 0x54564319;
/** Files that are made beside the images begin with it. */
const SERVICE_MAGIC = 0x55105940;

/** The magic number of each kind that is read here. */
const MAGIC = {
  inventory: 0x58313116,
  pstree: 0x50273030,
  pagemap: 0x56084025,
  mm: 0x57492820,
  core: 0x55053847,
  files: 0x56303138,
  "reg-files": 0x50363636,
  memfd: 0x48453499,
  stats: 0x57093306,
} as const;

/** A kind of image. */
export type ImageKind = keyof typeof MAGIC;

/**
 * The entries of an image, in order, as views of its bytes.
 *
 * @throws RangeError if it is no image of that kind, or is cut off.
 */
export function* imageEntries(image: Uint8Array, kind: ImageKind): Generator<Uint8Array> {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  let offset = 0;
  const next = (what: string) => {
    if (offset + 4 > image.length) throw new RangeError(`cut off at byte ${offset}, in ${what}`);
    offset += 4;
    return view.getUint32(offset - 4, true);
  };
  const first = next("its magic number");
  const isPrefixed = first === COMMON_MAGIC || first === SERVICE_MAGIC;
  const magic = isPrefixed ? next("its magic number") : first;
  if (magic !== MAGIC[kind]) {
    throw new RangeError(
      `no ${kind} image of CRIU: its magic number is 0x${magic.toString(16)}, ` +
        `expected 0x${MAGIC[kind].toString(16)}`,
    );
  }
  while (offset < image.length) {
    const start = offset;
    const lengthBytes = next("the length of an entry");
    if (offset + lengthBytes > image.length) {
      throw new RangeError(`cut off: the entry at byte ${start} has ${lengthBytes} bytes`);
    }
    yield image.subarray(offset, offset + lengthBytes);
    offset += lengthBytes;
  }
}

/**
 * The first entry, for images that have one.
 *
 * @throws RangeError if there is none.
 */
export function onlyEntry(image: Uint8Array, kind: ImageKind): Uint8Array {
  for (const entry of imageEntries(image, kind)) return entry;
  throw new RangeError(`no entry in it`);
}
