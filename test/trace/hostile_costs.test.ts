/** Short files that ask for much work. */

import { beforeAll, describe, expect, test } from "vitest";
import { TraceError } from "../../lib/core/errors.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { encodeFrame } from "../../lib/trace/frame.ts";
import { encodePageSet } from "../../lib/trace/page_set_codec.ts";
import { EVENT_TYPES, RECORD_TYPES } from "../../lib/trace/schema.ts";
import { compress, prepareCompression } from "../../lib/trace/zstd.ts";
import { cpuTimeMs } from "../helpers/cpu_time.ts";
import { readerOf } from "../helpers/memory_trace.ts";
import { randomPages } from "../helpers/random_pages.ts";
import { header, joinAll, record } from "../helpers/raw_records.ts";

/** Of the processor. What these ask for would take minutes. */
const LONGEST_MS = 10_000;

const process = record(RECORD_TYPES.process, [0, 42, 1, "x"]);
const row = (start: number) => [start, start + 1, "rw-p", 0, "00:00", "0", ""];
const read = (number: number, base: number | null, pages: unknown[] = [], mappings = 0) =>
  record(EVENT_TYPES.read, [
    ...[0, number, number, 1, 0, 4, null, mappings],
    ...[base === null ? null : number - base, pages],
  ]);

/** Opens and reads all; returns how many events can be read, and what is wrong with the others. */
function readAll(parts: readonly Uint8Array[]) {
  const startMs = cpuTimeMs();
  const trace = readerOf(joinAll(parts));
  const errors: TraceError[] = [];
  let count = 0;
  for (const _ of trace.events((error) => errors.push(error))) count++;
  for (let i = 0; i < trace.snapshotCount; i += 1 + (trace.snapshotCount >>> 6)) {
    try {
      trace.at(-1 - i);
    } catch (error) {
      expect(error).toBeInstanceOf(TraceError);
    }
  }
  expect(cpuTimeMs() - startMs).toBeLessThan(LONGEST_MS);
  return { trace, errors, count };
}

beforeAll(prepareCompression);

describe("bounded time is all that is spent on", () => {
  test("lists of mappings that are each delta-encoded against the one before", () => {
    const lists = Array.from(
      { length: 5000 },
      (_, i) => record(RECORD_TYPES.mappings, [i, i === 0 ? null : i - 1, [i === 0 ? row(9) : 1]]),
    );
    const reads = Array.from({ length: 2000 }, (_, i) => read(i, null, [], 4999 - i * 2));
    const { errors, count } = readAll([header(), process, ...lists, ...reads]);
    expect(count).toBe(0);
    expect(errors[0].message).toMatch(/depends on too many mappings/);
  });

  test("reads that are each delta-encoded against the one before", () => {
    const list = record(RECORD_TYPES.mappings, [0, null, [row(9)]]);
    const reads = Array.from({ length: 5000 }, (_, i) => read(i, i === 0 ? null : i - 1));
    const { trace, errors, count } = readAll([header(), process, list, ...reads]);
    expect(count).toBe(65);
    expect(errors[0].message).toMatch(/depends on too many records/);
    // In whatever order they are asked for.
    expect(trace.at(64).index).toBe(64);
    expect(() => trace.at(65)).toThrow(TraceError);
  });

  test("reads that are all delta-encoded against the same large one", () => {
    const list = record(RECORD_TYPES.mappings, [0, null, [row(9)]]);
    const pages = [0, encodePageSet(randomPages(1_000_000, 0.5, 3))];
    const reads = Array.from(
      { length: 5000 },
      (_, i) => read(i, i === 0 ? null : 0, i ? [] : pages),
    );
    expect(readAll([header(), process, list, ...reads]).count).toBe(65);
  });

  test("bombs", () => {
    // As much as may be: 256 times what it is, of rows that are none.
    const bomb = (byte: number) => {
      const filled = new Uint8Array(1 << 20).fill(byte);
      const packed = compress(filled)!;
      const body = joinAll([Uint8Array.of(0x80, 0x80, 0x40), packed]);
      return encodeFrame(RECORD_TYPES.mappings | 0x80, body);
    };
    for (const byte of [0, 0x90, 0x93, 0x80, 0xc4]) {
      const one = bomb(byte);
      const { trace } = readAll([header(), process, ...Array(5000).fill(one), read(0, null)]);
      expect(trace.problems.length).toBeGreaterThan(0);
      expect(() => trace.at(0)).toThrow(TraceError);
    }
  });

  test("beginnings of records that are none", () => {
    // Each is the head of a read that extends to the end, or nearly.
    const size = 1 << 20;
    const garbage = new Uint8Array(size);
    const head = [0xc6, 0, 0x07, 0xff, 0xff, 1, 2, 3, 4, EVENT_TYPES.read, 0x9a];
    for (let i = 0; i < size; i++) garbage[i] = head[i % head.length];
    const mark = record(EVENT_TYPES.mark, [null, 1, "before"]);
    const { trace } = readAll([header(), mark, garbage]);
    expect(trace.event(0)).toMatchObject({ text: "before" });
    expect(trace.problems).toHaveLength(1);
  });

  test("headers that are none, where the header should be", () => {
    const head = [0xc5, 0xff, 0xf0, 1, 2, 3, 4, RECORD_TYPES.header];
    const garbage = Uint8Array.from({ length: 1 << 20 }, (_, i) => head[i % head.length]);
    const startMs = cpuTimeMs();
    expect(() => readerOf(garbage)).toThrow(/not a softdirty trace/);
    expect(cpuTimeMs() - startMs).toBeLessThan(LONGEST_MS);
  });

  test("a damaged record of many megabytes, after which the others are found", () => {
    const pages = [0, encodePageSet(randomPages(8_000_000, 0.5, 5))];
    const list = record(RECORD_TYPES.mappings, [0, null, [row(9)]]);
    const large = read(0, null, pages);
    expect(large.length).toBeGreaterThan(900_000);
    const after = Array.from({ length: 100 }, (_, i) => read(i + 1, null));
    // Its length, and a bit in its midst.
    for (const at of [2, large.length >> 1]) {
      const damaged = large.slice();
      damaged[at] ^= 0x10;
      const { trace, count } = readAll([header(), process, list, damaged, ...after]);
      expect(count).toBe(100);
      expect(trace.problems).toHaveLength(1);
    }
  });

  test.each<[string, readonly number[]]>([
    ["arrays", [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ["maps", [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ["texts", [0xdb, 0xff, 0xff, 0xff, 0xff]],
    ["binaries", [0xc6, 0xff, 0xff, 0xff, 0xff]],
    ["arrays within arrays", Array(100_000).fill(0x91)],
    ["maps within maps", Array(100_000).fill(0x81)],
  ])("%s of lengths that are declared only", (_, bytes) => {
    const body = Uint8Array.from([0x95, 0xc0, 1, ...bytes]);
    const types = [...Object.values(EVENT_TYPES), ...Object.values(RECORD_TYPES).slice(1)];
    const { count } = readAll([header(), ...types.map((type) => encodeFrame(type, body))]);
    expect(count).toBe(0);
  });
});

test("a read of too many runs is refused once, with all that is delta-encoded against it", () => {
  const list = record(RECORD_TYPES.mappings, [0, null, [row(9)]]);
  const edges = Float64Array.from({ length: 2 * 1_600_000 }, (_, i) => 2 * (i >> 1) + 1 + i % 2);
  // As many as may be, and one more: of two flags together.
  const bytes = encodePageSet(PageSet.fromEdges(edges));
  const parts = [header(), process, list, read(0, null, [0, bytes, 2, bytes])];
  for (let i = 1; i < 60; i++) parts.push(read(i, 0));
  const trace = readerOf(joinAll([...parts, read(60, null)]));
  const errors: TraceError[] = [];
  expect([...trace.events((error) => errors.push(error))]).toHaveLength(1);
  expect(errors).toHaveLength(60);
  expect(errors[0].code).toBe("too-large");
  expect(errors[0].message).toMatch(/too large: its page sets have more than 3145728 runs/);
  expect(errors[59].message).toMatch(/delta-encoded against the read record .* which is too large/);
});
