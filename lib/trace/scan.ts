/**
 * Finds what a file holds where it has no index, as after its writer was killed: walks all records, and
 * checks each against its checksum.
 *
 * @module
 */

import { addProblem, type ByteSource, type TraceProblem } from "./byte_source.ts";
import { bodyBytes, decodeBody, plainType } from "./body.ts";
import { NO_PROCESS } from "./columns.ts";
import { addList, addProcess, noContents, type TraceContents } from "./contents.ts";
import { decodeProcess } from "./event_codec.ts";
import { type Frame, isIntact, MAX_HEAD_BYTES, parseFrame } from "./frame.ts";
import { isLikely, LOOKED_AT_BYTES } from "./likely_record.ts";
import { LimitError } from "./limits.ts";
import { EVENT_TYPES, eventTypeOf, RECORD_TYPES } from "./schema.ts";
import { firstNumbers } from "./scalars.ts";

const CHUNK_BYTES = 1 << 20;
/** A head and what every body begins with. */
const PEEK_BYTES = MAX_HEAD_BYTES + 5 + LOOKED_AT_BYTES;

/** What a walk over all records finds. */
export interface ScannedContents extends TraceContents {
  /** Where the last intact record ends that is neither an index nor the end of the file. */
  readonly end: number;
}

/**
 * Walks a file from after its header.
 *
 * Where no intact record begins, it looks for the next one byte by byte: the length that a damaged
 * record declares may be what is damaged. How many bytes it checks in doing so is bounded, since a file
 * may be made to have many beginnings that are none.
 */
export function scanTrace(source: ByteSource, start: number): ScannedContents {
  const contents = noContents();
  const window = new Window(source);
  // Bytes that may still be checked where no record begins.
  let spareBytes = source.sizeBytes * 4 + (1 << 20);
  let at = start;
  let end = start;
  let badFrom: number | undefined;
  while (at < source.sizeBytes && spareBytes > 0) {
    const { frame, bytes, checkedBytes } = window.frameAt(at, badFrom !== undefined);
    if (frame === undefined) {
      spareBytes -= checkedBytes;
      badFrom ??= at;
      at++;
      continue;
    }
    if (badFrom !== undefined) addProblem(contents.problems, damage(badFrom, at));
    badFrom = undefined;
    const type = plainType(frame.type);
    const isHeaderAgain = type === RECORD_TYPES.header && at === start;
    if (!isHeaderAgain) take(contents, at, frame, bytes);
    at += frame.lengthBytes;
    if (type !== RECORD_TYPES.index && type !== RECORD_TYPES.end) end = at;
  }
  if (badFrom === undefined) return { ...contents, end };
  const problem = damage(badFrom, source.sizeBytes);
  const isTorn = window.isTorn(badFrom);
  addProblem(contents.problems, isTorn ? { ...problem, reason: TORN } : problem);
  return { ...contents, end };
}

const TORN = "the last record is incomplete";

function damage(offset: number, end: number): TraceProblem {
  return { offset, lengthBytes: end - offset, reason: "no record that is whole" };
}

/** Adds a record to the contents. */
function take(contents: TraceContents, offset: number, frame: Frame, bytes: Uint8Array): void {
  const body = bytes.subarray(frame.bodyOffset, frame.lengthBytes);
  const type = plainType(frame.type);
  try {
    if (type === RECORD_TYPES.process) {
      const { number, identity } = decodeProcess(decodeBody(frame.type, body));
      addProcess(contents, number, identity);
    } else if (type === RECORD_TYPES.mappings) {
      const [number] = firstOf(frame.type, body, 1);
      addList(contents, number, offset);
    } else if (eventTypeOf(type) !== undefined) {
      const isNumbered = type === EVENT_TYPES.read || type === EVENT_TYPES.clear;
      const [process, atNs, number = -1] = firstOf(frame.type, body, isNumbered ? 3 : 2);
      // An event that is out of range is reported as damaged when it is read.
      const at = atNs >= 0 && atNs <= Number.MAX_SAFE_INTEGER ? atNs : 0;
      contents.events.add(type, offset, at, small(process), small(number));
    } else if (type !== RECORD_TYPES.index && type !== RECORD_TYPES.end) {
      const { lengthBytes } = frame;
      addProblem(contents.problems, { offset, lengthBytes, reason: "unknown record" });
    }
  } catch (error) {
    const reason = error instanceof LimitError ? `too large: ${error.message}` : "bad record";
    addProblem(contents.problems, { offset, lengthBytes: frame.lengthBytes, reason });
  }
}

/** The value, if a column of 32 bits can hold it; otherwise -1. */
function small(value: number): number {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 31 ? value : NO_PROCESS;
}

/** The first elements of a body, which are numbers or nil. */
function firstOf(type: number, body: Uint8Array, wanted: number): number[] {
  const isPlain = plainType(type) === type;
  // The rows of a list are not decoded: their names can take much time and memory.
  const found = firstNumbers(isPlain ? body : bodyBytes(type, body), wanted);
  if (found !== undefined) return found;
  const value = decodeBody(type, body);
  if (!Array.isArray(value)) throw new RangeError("A body is no array");
  return Array.from(
    { length: wanted },
    (_, i) => typeof value[i] === "number" ? value[i] : -1,
  );
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
   * The frame at a place, if its checksum is right; and how many bytes it took to find out. Among
   * damaged bytes only what is likely to be one is looked at.
   */
  frameAt(at: number, isAmongDamage: boolean) {
    const none = (checkedBytes: number) => ({ frame: undefined, bytes: this.#bytes, checkedBytes });
    const head = this.#at(at, PEEK_BYTES);
    const frame = parseFrame(head);
    if (frame === undefined || frame.lengthBytes > this.#source.sizeBytes - at) return none(1);
    const body = head.subarray(frame.bodyOffset, frame.lengthBytes);
    if (isAmongDamage && !isLikely(frame, body)) return none(1);
    const bytes = this.#at(at, frame.lengthBytes);
    const checkedBytes = frame.lengthBytes;
    return isIntact(bytes, frame) ? { frame, bytes, checkedBytes } : none(checkedBytes);
  }

  /** True if what begins at a place is a record that goes past the end. */
  isTorn(at: number): boolean {
    const head = this.#at(at, PEEK_BYTES);
    const frame = parseFrame(head);
    return frame === undefined
      ? head.length < MAX_HEAD_BYTES + 5 && head[0] >= 0xc4 && head[0] <= 0xc6
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
