/**
 * Finds what a file holds where it has no index, as after its writer was killed: walks all records, and
 * checks each against its checksum.
 *
 * @module
 */

import { addProblem, type ByteSource, type TraceProblem } from "./byte_source.ts";
import { decodeBody, plainType } from "./body.ts";
import { noContents, type TraceContents } from "./contents.ts";
import { decodeProcess } from "./event_codec.ts";
import { type Frame, isIntact, MAX_HEAD_BYTES, parseFrame } from "./frame.ts";
import { eventTypeOf, RECORD_TYPES } from "./schema.ts";
import { firstNumbers } from "./scalars.ts";

const CHUNK_BYTES = 1 << 20;
const SPARE_BYTES = 1 << 26;
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
  // Bytes that may still be checked where no record begins.
  let spareBytes = source.sizeBytes * 16 + SPARE_BYTES;
  let at = start;
  let badFrom: number | undefined;
  while (at < source.sizeBytes && spareBytes > 0) {
    const { frame, bytes, checkedBytes } = window.frameAt(at, badFrom !== undefined);
    if (frame === undefined) {
      spareBytes -= badFrom === undefined ? 0 : checkedBytes;
      badFrom ??= at;
      at++;
      continue;
    }
    if (badFrom !== undefined) addProblem(contents.problems, damage(badFrom, at));
    badFrom = undefined;
    take(contents, at, frame, bytes);
    at += frame.lengthBytes;
  }
  if (badFrom === undefined) return contents;
  const problem = damage(badFrom, source.sizeBytes);
  const isTorn = window.isTorn(badFrom);
  addProblem(contents.problems, isTorn ? { ...problem, reason: TORN } : problem);
  return contents;
}

const TORN = "the last record is incomplete";

function damage(offset: number, end: number): TraceProblem {
  return { offset, lengthBytes: end - offset, reason: "no record that is whole" };
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

/**
 * False for most bytes that look like a frame by chance: their type is none, or their body is neither an
 * array nor a map nor compressed.
 */
function isLikely({ type, bodyOffset, bodyBytes }: Frame, bytes: Uint8Array): boolean {
  const plain = plainType(type);
  if (plain === RECORD_TYPES.end) return bodyBytes === 8;
  if (plain > RECORD_TYPES.end) return false;
  if (plain !== type) return bodyBytes > 4;
  const first = bytes[bodyOffset];
  return first >= 0x80 && first <= 0x9f || first >= 0xdc && first <= 0xdf;
}

/** A piece of the file that moves along with the scan. */
class Window {
  readonly #source: ByteSource;
  #bytes: Uint8Array = new Uint8Array(0);
  #offset = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /**
   * The frame at a place, if its checksum is right; and how many bytes it took to find out.
   *
   * @param isGuess true where none need begin: what is unlikely to be one is not checked
   */
  frameAt(at: number, isGuess: boolean) {
    const none = (checkedBytes: number) => ({ frame: undefined, bytes: this.#bytes, checkedBytes });
    const frame = parseFrame(this.#at(at, PEEK_BYTES));
    if (frame === undefined || frame.lengthBytes > this.#source.sizeBytes - at) return none(1);
    if (isGuess && !isLikely(frame, this.#at(at, PEEK_BYTES + 1))) return none(1);
    const bytes = this.#at(at, frame.lengthBytes);
    const checkedBytes = frame.lengthBytes;
    return isIntact(bytes, frame) ? { frame, bytes, checkedBytes } : none(checkedBytes);
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
