/**
 * The three Rice-coded forms of a page set: its pages, its holes, or its runs.
 *
 * A set is a sequence of runs and of the gaps between them. *Pages* and *holes* code each page of the
 * runs, or of the gaps, by its distance from the one before; *runs* codes how long each gap and each run
 * is.
 *
 * @module
 */

import { PageSet } from "../core/page_set.ts";
import type { PageUnion } from "../core/page_union.ts";
import { assertRuns } from "./limits.ts";
import { MAX_PARAMETER, readCodes, RiceReader, RiceWriter } from "./rice.ts";
import { RICE_FORMS, type RicePlan } from "./rice_plan.ts";
import { MAX_VARINT_BYTES, readVarint, type VarintCursor, writeVarint } from "./varint.ts";

const HEAD_BYTES = 3 + 3 * MAX_VARINT_BYTES;

/** A set in the form of its plan. */
export function encodeRice({ edges, pageCount }: PageSet, plan: RicePlan): Uint8Array {
  const head: VarintCursor = { bytes: new Uint8Array(HEAD_BYTES), at: 0 };
  const last = edges.length - 1;
  head.bytes[head.at++] = plan.form;
  head.bytes[head.at++] = plan.k;
  head.bytes[head.at++] = plan.kLength;
  writeVarint(head, edges[0]);
  writeVarint(head, edges.length / 2);
  const codes = new RiceWriter(Math.ceil(plan.bits / 8) + 16);
  if (plan.form === RICE_FORMS.runs) putRuns(codes, edges, plan);
  else if (plan.form === RICE_FORMS.pages) {
    writeVarint(head, pageCount);
    putSingles(codes, edges, plan.k, 1, last);
  } else {
    writeVarint(head, edges[last] - edges[0] - pageCount);
    writeVarint(head, edges[last] - edges[last - 1]);
    putSingles(codes, edges, plan.k, 0, last - 1);
  }
  const tail = codes.finish();
  const bytes = new Uint8Array(head.at + tail.length);
  bytes.set(head.bytes.subarray(0, head.at));
  bytes.set(tail, head.at);
  return bytes;
}

function putRuns(codes: RiceWriter, edges: Float64Array, { k, kLength }: RicePlan): void {
  for (let i = 1; i < edges.length; i++) {
    codes.put(edges[i] - edges[i - 1] - 1, i % 2 === 1 ? kLength : k);
  }
}

/**
 * Codes the distances between the pages of every second stretch; `parity` selects these stretches by the
 * index of the edge at their end.
 */
function putSingles(
  codes: RiceWriter,
  edges: Float64Array,
  k: number,
  parity: 0 | 1,
  last: number,
): void {
  for (let i = 1; i <= last; i++) {
    const length = edges[i] - edges[i - 1];
    if (i % 2 === parity) { for (let n = 1; n < length; n++) codes.put(0, k); }
    else codes.put(length, k);
  }
}

/**
 * The set that bytes of one of these forms hold.
 *
 * @throws RangeError if they hold none.
 */
export function decodeRice(bytes: Uint8Array): PageSet {
  const [form, k, kLength] = bytes;
  if (!(k <= MAX_PARAMETER && kLength <= MAX_PARAMETER)) {
    throw new RangeError("A page set has parameters of no Rice code");
  }
  const head: VarintCursor = { bytes, at: 3 };
  const start = readVarint(head);
  const runCount = readVarint(head);
  // Each run but the first takes two bits at least, so a short text cannot ask for much memory.
  if (runCount < 1 || runCount > bytes.length * 4 + 1) {
    throw new RangeError("A page set has no runs");
  }
  assertRuns(runCount);
  const edges = new Float64Array(runCount * 2);
  edges[0] = start;
  switch (form) {
    case RICE_FORMS.runs:
      takeRuns(edges, new RiceReader(bytes.subarray(head.at)), k, kLength);
      break;
    case RICE_FORMS.pages: {
      const count = readVarint(head);
      takePages(edges, bytes.subarray(head.at), k, count);
      break;
    }
    case RICE_FORMS.holes: {
      const count = readVarint(head);
      const lastLength = readVarint(head);
      if (lastLength === 0) throw new RangeError("The last run of a page set is empty");
      takeHoles(edges, bytes.subarray(head.at), k, count, lastLength);
      break;
    }
    default:
      throw new RangeError(`A page set has an unknown form (${form})`);
  }
  return PageSet.fromAscending(edges);
}

/** @throws RangeError if the bytes are too few for this number of codes. */
function assertCodes(bytes: Uint8Array, k: number, count: number): void {
  if (count > bytes.length * 8 / (1 + k)) throw new RangeError("A page set has too few codes");
}

function takeRuns(edges: Float64Array, codes: RiceReader, k: number, kLength: number): void {
  let edge = edges[0];
  for (let i = 1; i < edges.length; i++) {
    edge += codes.next(i % 2 === 1 ? kLength : k) + 1;
    edges[i] = edge;
  }
}

function takePages(edges: Float64Array, bytes: Uint8Array, k: number, count: number): void {
  assertCodes(bytes, k, count - 1);
  let page = edges[0];
  let i = 1;
  const skip = (skipped: number) => {
    if (skipped !== 0) {
      edges[i] = page + 1;
      page += skipped;
      edges[i + 1] = page + 1;
      i += 2;
    }
    page++;
  };
  const skipEach = (batch: Int32Array) => {
    let [from, at] = [page, i];
    for (let n = 0; n < batch.length; n++) {
      const skipped = batch[n];
      if (skipped !== 0) {
        edges[at] = from + 1;
        from += skipped;
        edges[at + 1] = from + 1;
        at += 2;
      }
      from++;
    }
    [page, i] = [from, at];
  };
  readCodes(bytes, k, count - 1, skipEach, skip);
  edges[i++] = page + 1;
  assertFull(edges, i);
}

function takeHoles(
  edges: Float64Array,
  bytes: Uint8Array,
  k: number,
  count: number,
  lastLength: number,
): void {
  assertCodes(bytes, k, count);
  let hole = edges[0] - 1;
  let i = 1;
  let isFirst = true;
  const skip = (skipped: number) => {
    if (skipped !== 0) {
      if (!isFirst) edges[i++] = hole + 1;
      hole += skipped;
      edges[i++] = hole + 1;
    }
    isFirst = false;
    hole++;
  };
  const skipEach = (batch: Int32Array) => {
    for (let n = 0; n < batch.length; n++) skip(batch[n]);
  };
  readCodes(bytes, k, count, skipEach, skip);
  if (count > 0) edges[i++] = hole + 1;
  edges[i++] = hole + 1 + lastLength;
  assertFull(edges, i);
}

/**
 * Adds the pages of a set in the form *pages* to a union, without making a set of them.
 *
 * @returns false if the bytes are of another form; then nothing was added
 * @throws RangeError if they hold no set.
 */
export function addRicePages(bytes: Uint8Array, union: PageUnion): boolean {
  const [form, k] = bytes;
  if (form !== RICE_FORMS.pages) return false;
  if (k > MAX_PARAMETER) throw new RangeError("A page set has parameters of no Rice code");
  const head: VarintCursor = { bytes, at: 3 };
  let page = readVarint(head);
  readVarint(head);
  const count = readVarint(head);
  union.addAfter(page - 1, 0);
  readCodes(
    bytes.subarray(head.at),
    k,
    count - 1,
    (batch) => page = union.addSkipping(page, batch),
    (long) => page = union.addAfter(page, long),
  );
  return true;
}

/** Writes behind the end of a typed array are lost without an error. */
function assertFull(edges: Float64Array, length: number): void {
  if (length !== edges.length) {
    throw new RangeError(`A page set has ${length / 2} runs and not ${edges.length / 2}`);
  }
}
