/**
 * Zstandard (RFC 8878), with what the runtime has of it, or with libraries where it has none. Calls are
 * synchronous, as those of the writer and the reader are.
 *
 * @module
 */

import { createRequire } from "node:module";

interface Zlib {
  zstdCompressSync?(bytes: Uint8Array): Uint8Array;
  zstdDecompressSync?(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
}

let zlib: Zlib | undefined;
let wasm: typeof import("@bokuweb/zstd-wasm") | undefined;

const require = createRequire(import.meta.url);

function runtimeZstd(): Zlib {
  return zlib ??= require("node:zlib") as Zlib;
}

let preparation: Promise<void> | undefined;

/**
 * Gets ready to compress where the runtime cannot (Node before 22.15). Until then, and where that fails,
 * nothing is compressed. The library must be set up once: a second time would pull the memory from under
 * its feet.
 */
export function prepareCompression(): Promise<void> {
  if (runtimeZstd().zstdCompressSync !== undefined) return Promise.resolve();
  return preparation ??= (async () => {
    const library = await import("@bokuweb/zstd-wasm");
    await library.init();
    wasm = library;
  })();
}

/** Compressed bytes; undefined if nothing here can compress. */
export function compress(bytes: Uint8Array): Uint8Array | undefined {
  const { zstdCompressSync } = runtimeZstd();
  if (zstdCompressSync !== undefined) return zstdCompressSync(bytes);
  return wasm?.compress(bytes, 3);
}

/**
 * Decompressed bytes.
 *
 * @param lengthBytes how many they are
 * @throws RangeError if they are more or fewer, or `bytes` are not of this format.
 */
export function decompress(bytes: Uint8Array, lengthBytes: number): Uint8Array {
  let found: Uint8Array;
  try {
    const { zstdDecompressSync } = runtimeZstd();
    found = zstdDecompressSync !== undefined
      ? zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, lengthBytes) })
      : decompressByLibrary(bytes, lengthBytes);
  } catch (cause) {
    throw new RangeError("Compressed bytes cannot be read", { cause });
  }
  if (found.length === lengthBytes) return found;
  throw new RangeError(`Compressed bytes are ${found.length} and not ${lengthBytes}`);
}

/** What any decoder should have (RFC 8878, 3.1.1.1.2), and more than any writer asks for here. */
const MAX_WINDOW_BYTES = 2 ** 23;

/** Piece by piece: a frame that is longer than it should be is refused before it takes more memory. */
function decompressByLibrary(bytes: Uint8Array, lengthBytes: number): Uint8Array {
  const { Decompress } = require("fzstd") as typeof import("fzstd");
  if (windowBytes(bytes) > Math.max(MAX_WINDOW_BYTES, lengthBytes)) {
    throw new RangeError("Their window is too large");
  }
  const found = new Uint8Array(lengthBytes);
  let length = 0;
  const stream = new Decompress((piece) => {
    if (piece.length > lengthBytes - length) throw new RangeError("There are more bytes");
    found.set(piece, length);
    length += piece.length;
  });
  stream.push(bytes, true);
  return found.subarray(0, length);
}

/** How much the library allocates for a frame, by its head (RFC 8878, 3.1.1.1). */
function windowBytes(bytes: Uint8Array): number {
  const descriptor = bytes[4];
  const isWhole = (descriptor & 0x20) !== 0;
  if (!isWhole) {
    const base = 2 ** (10 + (bytes[5] >>> 3));
    return base + base / 8 * (bytes[5] & 7);
  }
  // In one piece, its window is its length.
  const from = 5 + [0, 1, 2, 4][descriptor & 3];
  const size = 2 ** (descriptor >>> 6);
  let length = size === 2 ? 256 : 0;
  for (let i = 0; i < size; i++) length += (bytes[from + i] ?? 0) * 256 ** i;
  return length;
}
