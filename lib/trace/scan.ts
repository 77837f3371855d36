/**
 * Finds what a file holds where it has no index, as after its writer was killed: walks all records, and
 * checks each against its checksum.
 *
 * @module
 */

import { addProblem, type ByteSource } from "./byte_source.ts";
import { decodeBody, plainType } from "./body.ts";
import { noContents, type TraceContents } from "./contents.ts";
import { decodeProcess } from "./event_codec.ts";
import { type Frame, isIntact, MAX_HEAD_BYTES, parseFrame } from "./frame.ts";
import { eventTypeOf, RECORD_TYPES } from "./schema.ts";
import { firstNumbers } from "./scalars.ts";

const CHUNK_BYTES = 1 << 20;
/** A head and what every body begins with. */
const PEEK_BYTES = MAX_HEAD_BYTES + 5;

/**
 * Walks a file from after its header.
 *
 * Where no intact record begins, it looks for the next one byte by byte. How many bytes it checks in
 * doing so is bounded, since a file may be made to have many beginnings that are none.
 */
export function scanTrace(source: ByteSource, start: number): TraceContents {
  const contents = noContents();
  const window = new Window(source);
  let spareBytes = source.sizeBytes * 4 + (1 << 20);
  let at = start;
  let badFrom: number | undefined;
  const endBad = (end: number, reason: string) => {
    if (badFrom === undefined) return;
    addProblem(contents.problems, { offset: badFrom, lengthBytes: end - badFrom, reason });
    badFrom = undefined;
  };
  while (at < source.sizeBytes) {
    const found = window.intactFrame(at, badFrom === undefined ? Infinity : spareBytes);
    if (found.frame !== undefined) {
      endBad(at, "no record that is whole");
      take(contents, at, found.frame, found.bytes);
      at += found.frame.lengthBytes;
      continue;
    }
    if (badFrom !== undefined) spareBytes -= found.checkedBytes;
    badFrom ??= at++;
    if (badFrom !== at - 1) at++;
    if (spareBytes < 0) at = source.sizeBytes;
  }
  const isTorn = badFrom !== undefined && window.isTorn(badFrom);
  endBad(source.sizeBytes, isTorn ? "the last record is incomplete" : "no record that is whole");
  return contents;
}

/** Notes what a record is. */
function take(contents: TraceContents, offset: number, frame: Frame, bytes: Uint8Array): void {
  const body = bytes.subarray(frame.bodyOffset, frame.lengthBytes);
  const type = plainType(frame.type);
  try {
    if (type === RECORD_TYPES.process) {
      const { number, identity } = decodeProcess(decodeBody(frame.type, body));
      contents.processes.set(number, identity);
    } else if (type === RECORD_TYPES.mappings) {
      const [number] = firstOf(frame.type, body, 1);
      contents.mappings.set(number, offset);
    } else if (eventTypeOf(type) !== undefined) {
      const [process, atNs, number] = firstOf(frame.type, body, 3);
      contents.events.add(type, offset, atNs, process, number);
    } else if (type !== RECORD_TYPES.index && type !== RECORD_TYPES.end) {
      const { lengthBytes } = frame;
      addProblem(contents.problems, { offset, lengthBytes, reason: "unknown record" });
    }
  } catch {
    addProblem(contents.problems, { offset, lengthBytes: frame.lengthBytes, reason: "bad record" });
  }
}

/** The first elements of a body, which are numbers or nil. */
function firstOf(type: number, body: Uint8Array, wanted: number): number[] {
  if (plainType(type) === type) return firstNumbers(body, wanted);
  const value = decodeBody(type, body);
  if (!Array.isArray(value)) throw new RangeError("A body is no array");
  return value.slice(0, wanted).map((one) => typeof one === "number" ? one : -1);
}

/** A piece of the file that moves along with the scan. */
class Window {
  readonly #source: ByteSource;
  #bytes: Uint8Array = new Uint8Array(0);
  #offset = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The frame at a place, if its checksum is right; at most `limitBytes` are checked. */
  intactFrame(at: number, limitBytes: number) {
    const none = (checkedBytes: number) => ({ frame: undefined, bytes: this.#bytes, checkedBytes });
    const frame = parseFrame(this.#at(at, PEEK_BYTES));
    const left = this.#source.sizeBytes - at;
    if (frame === undefined || frame.lengthBytes > Math.min(left, limitBytes)) return none(1);
    const bytes = this.#at(at, frame.lengthBytes);
    if (!isIntact(bytes, frame)) return none(frame.lengthBytes);
    return { frame, bytes, checkedBytes: frame.lengthBytes };
  }

  /** True if what begins at a place is a record that goes past the end. */
  isTorn(at: number): boolean {
    const head = this.#at(at, PEEK_BYTES);
    const frame = parseFrame(head);
    return frame === undefined
      ? head.length < PEEK_BYTES && head[0] >= 0xc4 && head[0] <= 0xc6
      : frame.lengthBytes > this.#source.sizeBytes - at;
  }

  #at(at: number, lengthBytes: number): Uint8Array {
    const end = this.#offset + this.#bytes.length;
    if (at < this.#offset || Math.min(at + lengthBytes, this.#source.sizeBytes) > end) {
      this.#bytes = this.#source.read(at, Math.max(lengthBytes, CHUNK_BYTES));
      this.#offset = at;
    }
    return this.#bytes.subarray(at - this.#offset, at - this.#offset + lengthBytes);
  }
}
