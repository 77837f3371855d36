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
      : (require("fzstd") as typeof import("fzstd")).decompress(bytes, new Uint8Array(lengthBytes));
  } catch (cause) {
    throw new RangeError("Compressed bytes cannot be read", { cause });
  }
  if (found.length === lengthBytes) return found;
  throw new RangeError(`Compressed bytes are ${found.length} and not ${lengthBytes}`);
}
