/**
 * Counts as text: each a varint (7 bits a byte, the lowest first), all of them deflated, in base64. Most
 * are 0 or small, so that a map of two million cells takes some hundred kilobytes.
 *
 * @module
 */

import { deflateRawSync } from "node:zlib";

/** Packs whole numbers below 2^53. */
export function packCounts(counts: Float64Array): string {
  const bytes: number[] = [];
  for (let count of counts) {
    for (; count >= 128; count = Math.floor(count / 128)) bytes.push(count % 128 + 128);
    bytes.push(count);
  }
  return deflateRawSync(Uint8Array.from(bytes), { level: 9 }).toString("base64");
}
