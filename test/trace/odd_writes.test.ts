import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeRecord } from "../../lib/trace/body.ts";
import { RECORD_TYPES } from "../../lib/trace/schema.ts";
import { TraceWriter } from "../../lib/trace/writer.ts";
import { oddWrites, writeAndRead } from "../fuzz/odd_writes.ts";
import { clearAt, PROCESS, snapshot } from "../helpers/drawn_snapshot.ts";
import { HEADER, MemorySink, readerOf } from "../helpers/memory_trace.ts";

describe("TraceWriter, given anything,", () => {
  test("appends nothing that a reader refuses", () => {
    let [accepted, all] = [0, 0];
    fc.assert(
      fc.property(oddWrites, (writes) => {
        accepted += writeAndRead(writes).accepted;
        all += writes.length;
      }),
      { numRuns: 500 },
    );
    // Neither all nor none, or nothing was tried.
    expect(accepted).toBeGreaterThan(all / 10);
    expect(accepted).toBeLessThan(all);
  });

  const overlapping = snapshot("0x10 rw-p a DDDD\n0x12 rw-p b DDDD", { sinceClear: null });
  const ofAnother = snapshot("0x10 rw-p a D", {
    sinceClear: { ...clearAt(1e6), process: { ...PROCESS, pid: 43 } },
  });

  test.each([
    ["mappings that overlap", overlapping, /mapping 1 is not after the one before it/],
    ["a clear of another process", ofAnother, /process 42 .* a clear of process 43/],
    ["a time that is none", snapshot("0x10 rw-p a D", { atNs: NaN }), /atNs is not an amount/],
  ])("refuses %s, and continues", (_, refused, message) => {
    const sink = new MemorySink();
    const writer = new TraceWriter(sink, HEADER);
    writer.read(snapshot("0x10 rw-p a D"));
    expect(() => writer.read(refused)).toThrow(message);
    writer.read(snapshot("0x10 rw-p a DD"));
    const trace = readerOf(sink.bytes);
    expect(trace.problems).toEqual([]);
    expect([...trace.snapshots].map(({ dirty }) => dirty.pageCount)).toEqual([1, 2]);
  });

  test("refuses a list of more mappings than a reader takes", () => {
    const rows = Array(2_000_001).fill([]);
    expect(() => encodeRecord(RECORD_TYPES.mappings, [0, null, rows])).toThrow(/more than \d+/i);
  });

  test("refuses a header that a reader would not find", () => {
    // Nothing that a compressor finds a pattern in.
    let state = 1;
    const random = () => state = (state * 48271) % 0x7fffffff;
    const letters = Array.from({ length: 70_000 }, () => 33 + random() % 9000);
    const host = { ...HEADER.host, hostname: String.fromCharCode(...letters) };
    expect(() => new TraceWriter(new MemorySink(), { ...HEADER, host })).toThrow(/A header of \d+/);
    const pages = { ...HEADER.host, pageSizeBytes: 5000 };
    expect(() => new TraceWriter(new MemorySink(), { ...HEADER, host: pages })).toThrow(
      /power of two/,
    );
  });
});
