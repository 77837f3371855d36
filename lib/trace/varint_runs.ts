/**
 * Page sets as bytes: for each run, how many pages it lies after the end of the one before, and how
 * many pages it has, both as LEB128 varints (seven bits a byte, least significant first, the top bit
 * set on all bytes but the last).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { PageSet } from "../core/page_set.ts";
 * import { decodeVarintRuns, encodeVarintRuns } from "./varint_runs.ts";
 *
 * const bytes = encodeVarintRuns(PageSet.from([{ start: 300, end: 301 }, { start: 310, end: 312 }]));
 * assert.deepEqual([...bytes], [0xac, 0x02, 1, 9, 2]);
 * assert.equal(decodeVarintRuns(bytes).pageCount, 3);
 * ```
 *
 * @module
 */

import { PageSet } from "../core/page_set.ts";
import { assertRuns } from "./limits.ts";
import { MAX_VARINT_BYTES } from "./varint.ts";

/** Encodes a set; without pages it is no bytes at all. */
export function encodeVarintRuns(set: PageSet): Uint8Array {
  const { edges } = set;
  let bytes = new Uint8Array(edges.length * 2 + MAX_VARINT_BYTES);
  let length = 0;
  let previous = 0;
  for (let i = 0; i < edges.length; i++) {
    if (length + MAX_VARINT_BYTES > bytes.length) bytes = enlarge(bytes);
    let rest = edges[i] - previous;
    previous = edges[i];
    while (rest > 0x7f) {
      bytes[length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    bytes[length++] = rest;
  }
  return bytes.subarray(0, length);
}

/**
 * Decodes a set.
 *
 * @throws RangeError if the bytes end within a number, or do not make ascending runs below 2^52.
 */
export function decodeVarintRuns(bytes: Uint8Array): PageSet {
  let edgeCount = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] < 0x80) edgeCount++;
  assertRuns(edgeCount / 2);
  const edges = new Float64Array(edgeCount);
  let edge = 0;
  let i = 0;
  for (let n = 0; n < edgeCount; n++) {
    let scale = 1;
    const start = i;
    while (bytes[i] > 0x7f) {
      edge += (bytes[i++] & 0x7f) * scale;
      scale *= 0x80;
    }
    edge += bytes[i++] * scale;
    if (i - start > MAX_VARINT_BYTES) throw new RangeError("A number has more than 8 bytes");
    edges[n] = edge;
  }
  if (i !== bytes.length) throw new RangeError("The last number has no end");
  return PageSet.fromEdges(edges);
}

function enlarge(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}
