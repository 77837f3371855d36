/**
 * Numbers as text: each a varint (7 bits a byte, the lowest first), all of them deflated, in base64. Most
 * are 0 or small, so that a map of two million cells takes some hundred kilobytes.
 *
 * @module
 */

import { deflateRawSync } from "node:zlib";

/** Packs whole numbers from 0 to below 2^53. */
export function packNumbers(numbers: Iterable<number>): string {
  const bytes: number[] = [];
  for (let number of numbers) {
    for (; number >= 128; number = Math.floor(number / 128)) bytes.push(number % 128 + 128);
    bytes.push(number);
  }
  return deflateRawSync(Uint8Array.from(bytes), { level: 9 }).toString("base64");
}
