/** Each single bit of small traces is changed, and what is lost is exactly what it must be. */

import { decode } from "@msgpack/msgpack";
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { isDamaged, TraceError } from "../../lib/core/errors.ts";
import { Snapshot } from "../../lib/core/snapshot.ts";
import { plainType } from "../../lib/trace/body.ts";
import { parseFrame } from "../../lib/trace/frame.ts";
import { EVENT_TYPES, type PlainEvent, RECORD_TYPES } from "../../lib/trace/schema.ts";
import type { TraceWriter } from "../../lib/trace/writer.ts";
import { clearAt, PROCESS, snapshot } from "../helpers/drawn_snapshot.ts";
import { readerOf, traceBytes } from "../helpers/memory_trace.ts";
import { endsOf } from "../helpers/raw_records.ts";

const other = { pid: 43, startTimeTicks: 5, command: "other" };

/** Two processes, mappings that change, reads that are delta-encoded against others, and notes. */
function write(writer: TraceWriter): void {
  writer.clear(clearAt(1e6));
  writer.read(snapshot("0x10 rw-p [heap] DDpp.\n0x20 r-xp /bin/x ppSs", { atNs: 2e6 }));
  writer.note({ type: "mark", text: "between", atNs: 3e6 });
  const sinceClear = { ...clearAt(4e6), process: other };
  writer.clear(sinceClear);
  writer.read(snapshot("0x30 rw-p - DpD", { process: other, sinceClear, atNs: 5e6 }));
  writer.read(snapshot("0x10 rw-p [heap] pDDDd\n0x20 r-xp /bin/x ppSs", { atNs: 6e6 }));
  writer.clear(clearAt(7e6));
  writer.note({ type: "fork", process: other, parentPid: PROCESS.pid, atNs: 8e6 });
  writer.read(snapshot("0x10 rw-p [heap] pp", { sinceClear: clearAt(7e6), atNs: 9e6 }));
  writer.note({ type: "exit", pid: 43, reason: "process-exited", atNs: 10e6 });
}

const unfinished = traceBytes(write);
const finished = traceBytes((writer) => {
  write(writer);
  writer.finish();
});

type Event = PlainEvent | Snapshot;
const events: readonly Event[] = [...readerOf(finished).events()];

/** A record, and the numbers of those that it takes to decode it. */
interface Known {
  readonly start: number;
  readonly end: number;
  readonly type: number;
  /** Its own number is among them. */
  readonly needs: ReadonlySet<number>;
}

/** The records of a trace, separated without the reader that is tested. */
function knownRecords(bytes: Uint8Array): Known[] {
  const ends = endsOf(bytes);
  /** By type and number: what it takes to decode a process, mappings, a clear or a read. */
  const needs = new Map<string, number[]>();
  const needed = (type: number, number: unknown) =>
    number === null ? [] : needs.get(`${type} ${number}`)!;
  /** Where each read has its mappings from. */
  const mappingsOf = new Map<number, unknown>();
  return ends.slice(0, -1).map((start, i) => {
    const end = ends[i + 1];
    const frame = parseFrame(bytes.subarray(start))!;
    const [type, bodyOffset] = [plainType(frame.type), frame.bodyOffset];
    const isList = type >= RECORD_TYPES.process && type <= EVENT_TYPES.exec;
    const body = bytes.subarray(start + bodyOffset, end);
    const values = isList ? decode(body) as unknown[] : [];
    const own = [i];
    if (type >= EVENT_TYPES.clear && isList) own.push(...needed(RECORD_TYPES.process, values[0]));
    if (type === RECORD_TYPES.mappings) own.push(...needed(type, values[1]));
    if (type === EVENT_TYPES.clear) own.push(...needed(RECORD_TYPES.mappings, values[6]));
    const number = Number(values[type <= RECORD_TYPES.mappings ? 0 : 2]);
    const all = [...own];
    if (type === EVENT_TYPES.read) {
      const base = values[8] === null ? null : number - Number(values[8]);
      own.push(...needed(type, base));
      const mappings = values[7] ?? mappingsOf.get(base!);
      mappingsOf.set(number, mappings);
      // A read that is delta-encoded against this one needs its pages, but not the clear before it.
      all.push(...own, ...needed(EVENT_TYPES.clear, values[6]));
      all.push(...needed(RECORD_TYPES.mappings, mappings));
    }
    needs.set(`${type} ${number}`, own);
    return { start, end, type, needs: new Set([...own, ...all]) };
  });
}

/** The events of a trace that can be read, and how many cannot. */
function readable(trace: ReturnType<typeof readerOf>): { found: Event[]; damaged: number } {
  let damaged = 0;
  const found = [...trace.events((error) => {
    assert(isDamaged(error));
    damaged++;
  })];
  return { found, damaged };
}

/** Compares events; a snapshot has another number where one before it is lost. */
function assertSame(found: readonly Event[], expected: readonly Event[], what: string): void {
  const plain = (event: Event) => event instanceof Snapshot ? { ...event, index: 0 } : event;
  assert(isDeepStrictEqual(found.map(plain), expected.map(plain)), what);
}

/** Calls with each bit of a record changed, and says which it was. */
function eachBit(bytes: Uint8Array, { start, end }: Known, check: (what: string) => void): number {
  for (let at = start; at < end; at++) {
    for (let bit = 0; bit < 8; bit++) {
      bytes[at] ^= 1 << bit;
      check(`bit ${bit} of byte ${at}`);
      bytes[at] ^= 1 << bit;
    }
  }
  return (end - start) * 8;
}

/** The events that do not need a record. */
function without(records: readonly Known[], lost: number): Event[] {
  const types = new Set(Object.values(EVENT_TYPES));
  const needs = records.filter(({ type }) => types.has(type)).map((record) => record.needs);
  assert.equal(needs.length, events.length);
  return events.filter((_, i) => !needs[i].has(lost));
}

describe("a single bit that changed", () => {
  test("in a trace without an index loses what needs that record, which is reported", () => {
    const records = knownRecords(unfinished);
    const bytes = unfinished.slice();
    let bits = 0;
    for (const [i, record] of records.entries()) {
      const expected = without(records, i);
      bits += eachBit(bytes, record, (what) => {
        const trace = readerOf(bytes);
        const { start: offset, end } = record;
        const ranges = trace.problems.map((one) => [one.offset, one.lengthBytes]);
        assert.deepEqual(ranges, [[offset, end - offset]], what);
        assertSame(readable(trace).found, expected, what);
      });
    }
    expect(bits).toBe(unfinished.length * 8);
  });

  test("in a trace with an index loses what needs that record, which is reported when it is read", () => {
    const records = knownRecords(finished);
    const bytes = finished.slice();
    for (const [i, record] of records.entries()) {
      const isOfIndex = record.type >= RECORD_TYPES.index;
      // The index has the processes too, and the header stands there twice.
      const isSpare = isOfIndex || record.type <= RECORD_TYPES.process;
      const expected = isSpare ? events : without(records, i);
      eachBit(bytes, record, (what) => {
        const trace = readerOf(bytes);
        const { found, damaged } = readable(trace);
        assertSame(found, expected, what);
        assert.equal(damaged, events.length - expected.length, what);
        assert.equal(trace.isIndexed, !isOfIndex, what);
        assert.equal(trace.problems.length, isOfIndex || i === 0 ? 1 : 0, what);
      });
    }
  });

  test("in both headers makes the file no trace, and is not taken for a newer version", () => {
    const bytes = finished.slice();
    const [first, second] = knownRecords(finished);
    eachBit(bytes, second, () => {
      eachBit(bytes, { ...first, end: first.start + 1 }, (what) => {
        assert.throws(
          () => readerOf(bytes),
          (error) => error instanceof TraceError && error.code === "not-a-trace",
          what,
        );
      });
    });
  });

  test("makes as much of a difference as it should in these traces", () => {
    // Else a trace in which nothing depends on anything would pass all of the above.
    const records = knownRecords(unfinished);
    const lost = records.map((_, i) => events.length - without(records, i).length);
    expect(new Set(lost).size).toBeGreaterThan(4);
    expect(Math.max(...lost.slice(1))).toBeLessThan(events.length);
  });
});
