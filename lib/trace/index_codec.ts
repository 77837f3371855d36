/**
 * The index at the end of a file, and the record that says where it begins.
 *
 * @module
 */

import { encodeRecord } from "./body.ts";
import { addProblem } from "./byte_source.ts";
import { amount, binary, count, fail, type Fields, fields, list, orNull, text } from "./checks.ts";
import type { EventColumns } from "./columns.ts";
import { addList, addProcess, noContents, type TraceContents } from "./contents.ts";
import { decodeProcess, type ProcessRow } from "./event_codec.ts";
import { encodeFrame, type Frame } from "./frame.ts";
import { EVENT_TYPES, eventTypeOf, RECORD_TYPES } from "./schema.ts";
import { MAX_VARINT_BYTES, readVarint, type VarintCursor, writeVarint } from "./varint.ts";

/** The shortest event: a frame, and an array of a process, a time and nothing else. */
const MIN_EVENT_BYTES = 2 + 5 + 3;

/** Of the last record: a frame of eight bytes. */
export const END_BYTES = 2 + 5 + 8;

/** The last two records of a file: its index, which begins at `offset`, and the end. */
export function encodeIndex(contents: TraceContents, offset: number): Uint8Array {
  const index = encodeRecord(RECORD_TYPES.index, indexValue(contents));
  const end = encodeEnd(offset);
  const bytes = new Uint8Array(index.length + end.length);
  bytes.set(index);
  bytes.set(end, index.length);
  return bytes;
}

/** The value of the index alone. */
export function indexValue({ events, processes, mappings, problems }: TraceContents): unknown {
  const count = events.length;
  const types = new Uint8Array(count);
  const times = new DataView(new ArrayBuffer(count * 8));
  for (let i = 0; i < count; i++) {
    types[i] = events.type(i);
    times.setFloat64(i * 8, events.timeNs(i));
  }
  const rows: ProcessRow[] = Array.from(
    processes,
    ([number, one]) => [
      ...[number, one.pid, one.startTimeTicks, one.command] as const,
      ...one.program === undefined ? [] as const : [one.program] as const,
    ],
  );
  return {
    types,
    offsets: varints(count, (i) => events.offset(i) - (i === 0 ? 0 : events.offset(i - 1))),
    times: new Uint8Array(times.buffer),
    owners: varints(count, (i) => events.process(i) + 1),
    processes: rows,
    mappings: [...mappings].flat(),
    // Only a file that was repaired has these.
    ...(isCounted(events) ? {} : { numbers: varints(count, (i) => events.number(i) + 1) }),
    ...(problems.length === 0 ? {} : {
      problems: problems.map(({ offset, lengthBytes, reason }) => [offset, lengthBytes, reason]),
    }),
  };
}

function varints(length: number, valueOf: (i: number) => number): Uint8Array {
  const cursor: VarintCursor = { bytes: new Uint8Array(length * MAX_VARINT_BYTES), at: 0 };
  for (let i = 0; i < length; i++) writeVarint(cursor, valueOf(i));
  return cursor.bytes.subarray(0, cursor.at);
}

/** Gives the reads and the clears the numbers that they have in a file that lost none. */
function counter(): (type: number) => number {
  let [reads, clears] = [0, 0];
  return (type) => type === EVENT_TYPES.read ? reads++ : type === EVENT_TYPES.clear ? clears++ : -1;
}

function isCounted(events: EventColumns): boolean {
  const next = counter();
  for (let i = 0; i < events.length; i++) {
    if (events.number(i) !== next(events.type(i))) return false;
  }
  return true;
}

/**
 * The contents that an index lists.
 *
 * @param indexOffset where it begins: all records that it lists are before it
 * @throws RangeError if it is not an index.
 */
export function decodeIndex(value: unknown, indexOffset: number): TraceContents {
  const index = fields(value, "The index");
  const contents = noContents();
  for (const row of list(index.processes, "processes")) {
    const { number, identity } = decodeProcess(row);
    addProcess(contents, number, identity);
  }
  const mappings = list(index.mappings, "mappings");
  for (let i = 0; i < mappings.length; i += 2) {
    const offset = count(mappings[i + 1], "mappings");
    if (offset >= indexOffset) fail("mappings", "before the index");
    addList(contents, count(mappings[i], "mappings"), offset);
  }
  for (const row of orNull(list)(index.problems, "problems") ?? []) {
    const [offset, lengthBytes, reason] = list(row, "problems");
    addProblem(contents.problems, {
      offset: count(offset, "problems"),
      lengthBytes: count(lengthBytes, "problems"),
      reason: text(reason, "problems"),
    });
  }
  decodeEvents(index, contents.events, indexOffset);
  return contents;
}

function decodeEvents(index: Fields, events: EventColumns, indexOffset: number): void {
  const types = binary(index.types, "types");
  const offsets: VarintCursor = { bytes: binary(index.offsets, "offsets"), at: 0 };
  const owners: VarintCursor = { bytes: binary(index.owners, "owners"), at: 0 };
  const encoded = orNull(binary)(index.numbers, "numbers");
  const numbers: VarintCursor | undefined = encoded === null
    ? undefined
    : { bytes: encoded, at: 0 };
  const bytes = binary(index.times, "times");
  if (bytes.length !== types.length * 8) fail("times", "a time for each event");
  const times = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const next = counter();
  let offset = 0;
  for (let i = 0; i < types.length; i++) {
    const type = types[i];
    if (eventTypeOf(type) === undefined) fail("types", "the types of events");
    const step = readVarint(offsets);
    offset += step;
    // So there are not more events than the file can hold, whatever the index makes believe.
    const isTooNear = i > 0 && step < MIN_EVENT_BYTES;
    if (isTooNear || offset >= indexOffset) fail("offsets", "of records before the index");
    const process = small(readVarint(owners) - 1, "owners");
    const number = numbers === undefined ? next(type) : small(readVarint(numbers) - 1, "numbers");
    events.add(type, offset, amount(times.getFloat64(i * 8), "times"), process, number);
  }
}

/** What a column of 32 bits holds, with -1 for none. */
function small(value: number, path: string): number {
  return value < 2 ** 31 ? value : fail(path, "a number of 31 bits");
}

/** The last record of a file. */
export function encodeEnd(indexOffset: number): Uint8Array {
  const body = new Uint8Array(8);
  new DataView(body.buffer).setFloat64(0, indexOffset);
  return encodeFrame(RECORD_TYPES.end, body);
}

/** Where the index begins; undefined if this is no such record. */
export function decodeEnd(bytes: Uint8Array, frame: Frame): number | undefined {
  if (frame.type !== RECORD_TYPES.end || frame.bodyBytes !== 8) return undefined;
  const offset = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(frame.bodyOffset);
  return Number.isSafeInteger(offset) && offset >= 0 ? offset : undefined;
}
