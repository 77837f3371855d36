import { encode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import { TraceError, TrackingUnsupportedError } from "../../lib/core/errors.ts";
import { encodeFrame } from "../../lib/trace/frame.ts";
import { EVENT_TYPES, RECORD_TYPES } from "../../lib/trace/schema.ts";
import { compress, prepareCompression } from "../../lib/trace/zstd.ts";
import { cpuTimeMs } from "../helpers/cpu_time.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import { HEADER, readerOf, traceBytes } from "../helpers/memory_trace.ts";
import { randomPages } from "../helpers/random_pages.ts";
import { header, join, record } from "../helpers/raw_records.ts";
import type { TraceWriter } from "../../lib/trace/writer.ts";

const first = snapshot("0x10 rw-p [heap] DDpp.\n0x20 r-xp /bin/x ppSs", { index: 0 });

function write(writer: TraceWriter): void {
  writer.clear(clearAt(1e6));
  writer.read(first);
  writer.note({ type: "mark", text: "between", atNs: 3e6 });
  for (let i = 1; i < 5; i++) {
    writer.read(snapshot(`0x10 rw-p [heap] ${"pDDDd".slice(0, i)}`, { index: i, atNs: i * 9e6 }));
  }
  writer.note({ type: "exit", pid: 42, reason: "process-exited", atNs: 4e6 });
}

const whole = traceBytes(write);
const process = record(RECORD_TYPES.process, [0, 42, 1, "x"]);
const row = [1, 2, "rw-p", 0, "00:00", "0", ""];
const mappings = record(RECORD_TYPES.mappings, [0, null, [row]]);
/** A read with some of its elements changed. */
function read(changes: Record<number, unknown> = {}): Uint8Array {
  const values: unknown[] = [0, 1, 0, 1, 0, 4, null, 0, null, []];
  for (const [i, value] of Object.entries(changes)) values[Number(i)] = value;
  return record(EVENT_TYPES.read, values);
}

describe("a damaged or hostile trace", () => {
  test.each<[string, Uint8Array, RegExp]>([
    ["a mark without text", record(EVENT_TYPES.mark, [null, 1, 5]), /text is not text/],
    ["a time before the session", record(EVENT_TYPES.mark, [null, -1, ""]), /atNs is not/],
    [
      "a clear of no process",
      record(EVENT_TYPES.clear, [7, 1, 0, 1, 0, 0, null]),
      /process is not/,
    ],
    ["a read of mappings that are missing", read({ 7: 7 }), /mappings 7.*missing/],
    ["a read since a clear that is missing", read({ 6: 3 }), /clear 3.*missing/],
    ["a read delta-encoded against itself", read({ 8: 0 }), /base is not an earlier read/],
    [
      "a read delta-encoded against one before the first",
      read({ 8: 1 }),
      /base is not an earlier read/,
    ],
    ["a read delta-encoded against one that is missing", read({ 2: 5, 8: 1 }), /read 4.*missing/],
    ["pages that are no bytes", read({ 9: [0, "D"] }), /pages\[1\]/],
    ["pages of a flag that is none", read({ 9: [200, new Uint8Array(0)] }), /number of a flag/],
    ["pages that are no runs", read({ 9: [0, Uint8Array.of(0, 1, 0)] }), /Edge/],
    ["pages of a form that is none", read({ 9: [0, Uint8Array.of(9, 0, 0, 1, 1)] }), /form/],
    ["a keyframe that does not say how", read({ 5: null }), /how is not/],
  ])("names what is wrong with %s", (_, bytes, message) => {
    const trace = readerOf(join(header(), process, mappings, bytes));
    expect(trace.eventCount).toBe(1);
    expect(() => trace.event(0)).toThrow(message);
    expect(() => trace.event(0)).toThrow(TraceError);
  });

  test.each<[string, unknown[]]>([
    ["descend", [[5, 6, "rw-p", 0, "", "", ""], [1, 2, "rw-p", 0, "", "", ""]]],
    ["overlap", [[1, 6, "rw-p", 0, "", "", ""], [5, 7, "rw-p", 0, "", "", ""]]],
    ["are empty", [[5, 5, "rw-p", 0, "", "", ""]]],
    ["lie outside the address space", [[5, 2 ** 52 + 1, "rw-p", 0, "", "", ""]]],
    ["have no permissions", [[5, 6, "free", 0, "", "", ""]]],
    ["take over more than there was", [1]],
  ])("refuses mappings that %s", (_, steps) => {
    const bad = record(RECORD_TYPES.mappings, [0, null, steps]);
    expect(() => readerOf(join(header(), process, bad, read())).at(0)).toThrow(TraceError);
  });

  test("refuses a read that is delta-encoded against one of another process, or since its clear", () => {
    const other = record(RECORD_TYPES.process, [1, 43, 1, "y"]);
    const clear = record(EVENT_TYPES.clear, [1, 1, 0, 1, 0, 0, null]);
    const before = join(header(), process, other, mappings, clear, read());
    expect(() => readerOf(join(before, read({ 0: 1, 2: 1, 8: 1 }))).at(1)).toThrow(
      /read 0, which is of another process/,
    );
    expect(() => readerOf(join(before, read({ 2: 1, 6: 0 }))).at(1)).toThrow(
      /clear 0, which is of another process/,
    );
  });

  test("refuses an event that is compressed, as none may be", async () => {
    await prepareCompression();
    const mark = encode([null, 1, "x".repeat(300)]);
    const body = join(
      Uint8Array.of((mark.length & 0x7f) | 0x80, mark.length >> 7),
      compress(mark)!,
    );
    const trace = readerOf(join(header(), encodeFrame(EVENT_TYPES.mark | 0x80, body)));
    expect(trace.eventCount).toBe(0);
    expect(trace.problems).toMatchObject([{ reason: "bad record" }]);
  });

  test("does not go round in mappings that are delta-encoded against each other", () => {
    const one = record(RECORD_TYPES.mappings, [0, 1, [1]]);
    const other = record(RECORD_TYPES.mappings, [1, 0, [1]]);
    const trace = readerOf(join(header(), process, one, other, read()));
    expect(() => trace.at(0)).toThrow(/earlier mappings/);
  });

  test("leaves out a record of a type that it does not know, and reads on", () => {
    const trace = readerOf(
      join(header(), record(99, {}), record(EVENT_TYPES.mark, [null, 1, "after"])),
    );
    expect(trace.problems).toMatchObject([{ reason: "unknown record" }]);
    expect(trace.event(0)).toMatchObject({ text: "after" });
  });

  test("lets no bomb off: a body that declares more than a trace can hold is not unpacked", async () => {
    await prepareCompression();
    const bomb = compress(new Uint8Array(1 << 24))!;
    const declared = (...length: number[]) =>
      encodeFrame(EVENT_TYPES.mark | 0x80, join(Uint8Array.from(length), bomb));
    const tooLong = readerOf(join(header(), declared(0xff, 0xff, 0xff, 0xff, 0x7f)));
    expect(tooLong.problems).toMatchObject([{ reason: "bad record" }]);
    const tooShort = readerOf(join(header(), declared(0x10)));
    expect(tooShort.problems).toMatchObject([{ reason: "bad record" }]);
  });

  test("finds the next record behind garbage, in bounded time", () => {
    const garbage = new Uint8Array(20_000);
    for (let i = 0; i < garbage.length; i++) garbage[i] = [0xc6, 0, 0, 0x40, 0][i % 5];
    const startMs = cpuTimeMs();
    const trace = readerOf(join(whole, garbage, record(EVENT_TYPES.mark, [null, 1, "after"])));
    expect(cpuTimeMs() - startMs).toBeLessThan(10_000);
    const total = readerOf(whole);
    expect(trace.eventCount).toBeGreaterThanOrEqual(total.eventCount);
    expect(trace.problems.length).toBeGreaterThan(0);
  });

  test("finds all records behind a large one that is damaged", () => {
    const sets = [1, 2, 3, 4].map((seed) => randomPages(400_000, 0.5, seed * 7919));
    const one = (i: number) => {
      const plain = snapshot("0x0 rw-p - D", { index: i, atNs: i, sinceClear: null });
      const pages = { ...plain.pages, dirty: sets[i] };
      return snapshot("0x0 rw-p - D", { index: i, atNs: i, sinceClear: null, pages });
    };
    const ends: number[] = [];
    const bytes = traceBytes((writer) => {
      for (let i = 0; i < 4; i++) {
        writer.read(one(i));
        ends.push(writer.sizeBytes);
      }
    });
    bytes[ends[1] - 1000] ^= 1;
    const trace = readerOf(bytes);
    const found: number[] = [];
    for (const event of trace.events(() => {})) found.push(event.atNs);
    expect(found).toEqual([0, 2, 3]);
    expect(trace.problems).toHaveLength(1);
  });

  test("finds the next record behind a few bytes that are none", () => {
    const after = record(EVENT_TYPES.mark, [null, 1, "after"]);
    const trace = readerOf(join(whole, new TextEncoder().encode("garbage"), after));
    expect(trace.problems).toEqual([
      { offset: whole.length, lengthBytes: 7, reason: "no record that is whole" },
    ]);
    expect(trace.event(trace.eventCount - 1)).toMatchObject({ text: "after" });
  });

  test("refuses a proof that its own steps deny", () => {
    const step = { action: "write" as const, expectedDirty: true, foundDirty: false };
    for (const steps of [[], [step]]) {
      const probe = { ...HEADER.probe, steps };
      const trace = readerOf(traceBytes((writer) => writer.read(first), { ...HEADER, probe }));
      expect(() => trace.at(0)).toThrow(TrackingUnsupportedError);
    }
  });

  test("refuses dates that no clock shows, and a version that is none", () => {
    expect(() => readerOf(header({ originUnixMs: 1e300 }))).toThrow(/originUnixMs/);
    expect(() => readerOf(header({ version: 0 }))).toThrow(/version/);
  });
});
