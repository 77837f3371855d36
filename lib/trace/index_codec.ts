/**
 * The index at the end of a file, and the record that says where it begins.
 *
 * @module
 */

import { binary, count, fail, fields, list } from "./checks.ts";
import { type EventColumns, NO_PROCESS } from "./columns.ts";
import { noContents, type TraceContents } from "./contents.ts";
import { decodeProcess, type ProcessRow } from "./event_codec.ts";
import { encodeFrame, type Frame } from "./frame.ts";
import { eventTypeOf, RECORD_TYPES } from "./schema.ts";
import { MAX_VARINT_BYTES, readVarint, type VarintCursor, writeVarint } from "./varint.ts";

/** Of the last record: a frame of eight bytes. */
export const END_BYTES = 2 + 5 + 8;

/** The value of an index record. */
export function encodeIndex({ events, processes, mappings }: TraceContents): unknown {
  const count = events.length;
  const offsets: VarintCursor = { bytes: new Uint8Array(count * MAX_VARINT_BYTES), at: 0 };
  const owners: VarintCursor = { bytes: new Uint8Array(count * MAX_VARINT_BYTES), at: 0 };
  const types = new Uint8Array(count);
  const times = new DataView(new ArrayBuffer(count * 8));
  for (let i = 0; i < count; i++) {
    types[i] = events.type(i);
    writeVarint(offsets, events.offset(i) - (i === 0 ? 0 : events.offset(i - 1)));
    writeVarint(owners, events.process(i) + 1);
    times.setFloat64(i * 8, events.timeNs(i));
  }
  const rows: ProcessRow[] = Array.from(
    processes,
    ([number, one]) => [number, one.pid, one.startTimeTicks, one.command],
  );
  return {
    types,
    offsets: offsets.bytes.subarray(0, offsets.at),
    times: new Uint8Array(times.buffer),
    owners: owners.bytes.subarray(0, owners.at),
    processes: rows,
    mappings: [...mappings].flat(),
  };
}

/**
 * The contents that an index tells.
 *
 * @throws RangeError if it is none.
 */
export function decodeIndex(value: unknown): TraceContents {
  const index = fields(value, "The index");
  const contents = noContents();
  for (const row of list(index.processes, "processes")) {
    const { number, identity } = decodeProcess(row);
    contents.processes.set(number, identity);
  }
  const mappings = list(index.mappings, "mappings");
  for (let i = 0; i < mappings.length; i += 2) {
    contents.mappings.set(count(mappings[i], "mappings"), count(mappings[i + 1], "mappings"));
  }
  decodeEvents(index, contents.events);
  return contents;
}

function decodeEvents(index: Readonly<Record<string, unknown>>, events: EventColumns): void {
  const types = binary(index.types, "types");
  const offsets: VarintCursor = { bytes: binary(index.offsets, "offsets"), at: 0 };
  const owners: VarintCursor = { bytes: binary(index.owners, "owners"), at: 0 };
  const bytes = binary(index.times, "times");
  if (bytes.length !== types.length * 8) fail("times", "a time for each event");
  const times = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const numbers = { read: 0, clear: 0 };
  let offset = 0;
  for (let i = 0; i < types.length; i++) {
    const type = eventTypeOf(types[i]) ?? fail("types", "the types of events");
    offset += readVarint(offsets);
    const owner = readVarint(owners) - 1;
    const number = type === "read" || type === "clear" ? numbers[type]++ : -1;
    events.add(types[i], offset, times.getFloat64(i * 8), owner < 0 ? NO_PROCESS : owner, number);
  }
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
