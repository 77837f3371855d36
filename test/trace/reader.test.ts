import { readFileSync } from "node:fs";
import { recordingFile } from "../helpers/recordings.ts";
import { describe, expect, test } from "vitest";
import { TraceError, TrackingUnsupportedError } from "../../lib/core/errors.ts";
import { PAGE_FLAGS, Snapshot } from "../../lib/core/snapshot.ts";
import { EVENT_TYPES, FORMAT_VERSION } from "../../lib/trace/schema.ts";
import { TraceReader } from "../../lib/trace/reader.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import type { TraceWriter } from "../../lib/trace/writer.ts";
import { HEADER, memorySource, readerOf, traceBytes } from "../helpers/memory_trace.ts";
import { endsOf, header, record } from "../helpers/raw_records.ts";

const first = snapshot("0x10 rw-p [heap] DDpp.\n0x20 r-xp /bin/x ppSs", { index: 0 });
const second = snapshot("0x10 rw-p [heap] pDDDd\n0x20 r-xp /bin/x ppSs", { index: 1, atNs: 9e6 });
const third = snapshot("0x10 rw-p [heap] p", { index: 2, atNs: 11e6, sinceClear: null });

function writeAll(writer: TraceWriter): void {
  writer.read(third);
  writer.clear(clearAt(1e6));
  writer.read(first);
  writer.note({ type: "mark", text: "between", atNs: 3e6 });
  writer.read(second);
  writer.note({ type: "exit", pid: 42, reason: "process-exited", atNs: 4e6 });
}

const whole = traceBytes(writeAll);
const finished = traceBytes((writer) => {
  writeAll(writer);
  writer.finish();
});

function expectSame(found: Snapshot, expected: Snapshot): void {
  for (const flag of PAGE_FLAGS) {
    expect([...found.pages[flag].edges]).toEqual([...expected.pages[flag].edges]);
  }
  const { pages: _, index: __, ...rest } = found;
  const { pages: ___, index: ____, ...expectedRest } = expected;
  expect(rest).toEqual(expectedRest);
}

describe("TraceReader", () => {
  test("gives back what was written, in order", () => {
    const trace = readerOf(whole);
    expect(trace.problems).toEqual([]);
    expect(trace.header).toEqual(HEADER);
    expect(trace.eventCount).toBe(6);
    expect(Array.from({ length: 6 }, (_, i) => trace.typeOf(i))).toEqual(
      ["read", "clear", "read", "mark", "read", "exit"],
    );
    expectSame(trace.at(0), third);
    expectSame(trace.at(1), first);
    expectSame(trace.at(2), second);
    expect(trace.event(1)).toEqual(clearAt(1e6));
    expect(trace.event(3)).toEqual({ type: "mark", text: "between", atNs: 3e6 });
  });

  test("numbers snapshots from 0, and from the end with negative numbers", () => {
    const trace = readerOf(whole);
    expect([...trace.snapshots].map((one) => one.index)).toEqual([0, 1, 2]);
    expect(trace.at(-1).index).toBe(2);
    expect((trace.event(4) as Snapshot).index).toBe(2);
  });

  test("walks the same snapshots each time it is asked", async () => {
    const trace = readerOf(whole);
    const count = [...trace.snapshots].length;
    let again = 0;
    for await (const _ of trace.snapshots) again++;
    expect(again).toBe(count);
  });

  test("says which snapshots there are when there is none of that number", () => {
    expect(() => readerOf(whole).at(3)).toThrow("It has 3: 0 to 2");
    expect(() => readerOf(whole).at(-4)).toThrow(TraceError);
    expect(() => readerOf(whole).at(0.5)).toThrow(TraceError);
    expect(() => readerOf(traceBytes(() => {})).at(0)).toThrow("none at all");
  });

  test("does not read the records that it is not asked for", () => {
    const large = traceBytes((writer) => {
      for (let i = 0; i < 400; i++) {
        writer.read(
          snapshot(`0x10 rw-p - ${"D.".repeat(1000 - i)}${"..".repeat(i)}`, { index: i, atNs: i }),
        );
      }
    });
    const source = memorySource(large);
    const trace = new TraceReader(source, "large");
    source.bytesRead = 0;
    trace.at(250);
    expect(source.bytesRead).toBeLessThan(5 * 4096);
  });

  test("refuses what is not a trace", () => {
    for (const bytes of [new Uint8Array(0), new TextEncoder().encode("#!/bin/sh\necho\n")]) {
      expect(() => readerOf(bytes)).toThrow(/not a softdirty trace/);
    }
    expect(() => readerOf(record(EVENT_TYPES.mark, [null, 1, "x"]))).toThrow(/header/);
  });

  test("refuses a newer version with a clear error, whatever else is in its header", () => {
    expect(() => readerOf(header({ version: FORMAT_VERSION + 1, host: "changed" }))).toThrow(
      /format version 4; this program reads up to 3/,
    );
  });

  test("refuses snapshots of a kernel that was not proven to track", () => {
    const probe = {
      tracker: "soft-dirty" as const,
      works: false,
      readBy: "pagemap" as const,
      steps: [],
      reason: "It never tracked",
      hint: "",
    };
    const trace = readerOf(traceBytes((writer) => writer.read(first), { ...HEADER, probe }));
    expect(() => trace.at(0)).toThrow(TrackingUnsupportedError);
  });
});

describe("TraceReader on a trace that was cut off", () => {
  test("at any byte loses the torn record alone, and reports it", () => {
    const ends = endsOf(whole);
    const total = readerOf(whole);
    for (let length = ends[1]; length < whole.length; length++) {
      const trace = readerOf(whole.subarray(0, length));
      const complete = ends.filter((end) => end <= length).length - 1;
      const lastEnd = ends[complete];
      expect(trace.problems).toEqual(
        lastEnd === length ? [] : [{
          offset: lastEnd,
          lengthBytes: length - lastEnd,
          reason: "the last record is incomplete",
        }],
      );
      for (let i = 0; i < trace.eventCount; i++) expect(trace.event(i)).toEqual(total.event(i));
    }
  });

  test("within its index is read as if it had none", () => {
    const total = readerOf(whole);
    for (let length = whole.length; length < finished.length; length++) {
      const trace = readerOf(finished.subarray(0, length));
      expect([trace.isIndexed, trace.eventCount]).toEqual([false, total.eventCount]);
      expect([...trace.events()]).toEqual([...total.events()]);
    }
  });

  test("within the header is not a trace", () => {
    expect(() => readerOf(whole.subarray(0, 30))).toThrow(/not a softdirty trace/);
  });
});

describe("TraceReader on a trace with an index", () => {
  test("is read alike, and says that it has one", () => {
    const [indexed, scanned] = [readerOf(finished), readerOf(whole)];
    expect([indexed.isIndexed, scanned.isIndexed]).toEqual([true, false]);
    expect([...indexed.events()]).toEqual([...scanned.events()]);
    for (let i = 0; i < 6; i++) expect(indexed.summary(i)).toEqual(scanned.summary(i));
  });

  test("opens without reading the records", () => {
    const bytes = traceBytes((writer) => {
      for (let i = 0; i < 200; i++) {
        writer.read(snapshot(`0x10 rw-p - ${"D.".repeat(2000)}`, { index: i, atNs: i }));
      }
      writer.finish();
    });
    const source = memorySource(bytes);
    new TraceReader(source, "large");
    const headerBytes = 1 << 16;
    expect(source.bytesRead).toBeLessThan(headerBytes + 8000);
  });

  test("finds snapshots by time and by process", () => {
    const trace = readerOf(finished);
    // The last one in the file that was read by then.
    expect([10e6, 11e6, 1e5, 1e9].map((atNs) => trace.indexAt(atNs))).toEqual([2, 2, -1, 2]);
    const ascending = readerOf(traceBytes((writer) => {
      for (const atNs of [1e6, 5e6, 9e6]) writer.read(snapshot("0x10 rw-p - D", { atNs }));
    }));
    const times = [0, 1e6, 4e6, 5e6, 8e6, 9e6, 1e9];
    expect(times.map((atNs) => ascending.indexAt(atNs))).toEqual([-1, 0, 0, 1, 1, 2, 2]);
    expect(trace.indexesOf(42)).toEqual([0, 1, 2]);
    expect(trace.indexesOf(43)).toEqual([]);
  });
});

describe("TraceReader on a trace of many reads", () => {
  const drawings = Array.from(
    { length: 50 },
    (_, i) =>
      Array.from({ length: 60 }, (_, page) => (page * 7 + i * (page % 5)) % 11 < 4 ? "D" : "p")
        .join(""),
  );
  const snapshots = drawings.map((drawing, index) =>
    snapshot(`0x10 rw-p [heap] ${drawing}\n0x80 r--p x p`, { index, atNs: index * 1e6 })
  );
  const bytes = traceBytes((writer) => {
    for (const one of snapshots) writer.read(one);
    writer.finish();
  });

  test("gives each of them, in any order", () => {
    const trace = readerOf(bytes);
    for (const index of [49, 0, 17, 16, 15, 33, 32, 48, 1]) {
      expectSame(trace.at(index), snapshots[index]);
      expect(trace.at(index).index).toBe(index);
    }
  });

  test("goes back to a keyframe, and no further", () => {
    const source = memorySource(bytes);
    const trace = new TraceReader(source, "many");
    source.bytesRead = 0;
    let reads = 0;
    const read = source.read.bind(source);
    source.read = (position, lengthBytes) => {
      reads++;
      return read(position, lengthBytes);
    };
    trace.at(47);
    // The read and its keyframe, a clear, and mappings.
    expect(reads).toBeLessThanOrEqual(2 + 2);
  });
});

test("of records that are lost with another one, that one takes the blame", () => {
  const trace = readFileSync(recordingFile("redis-uffd"));
  trace[5000] ^= 1; // within the mappings, which are recorded once
  const damaged = new TraceReader(memorySource(trace), "damaged.sdtrace");
  const said: string[] = [];
  for (const event of damaged.events((error) => said.push(error.message))) {
    expect(event).toBeDefined();
  }
  expect(said.length).toBeGreaterThan(20);
  for (const message of said) {
    expect(message).toMatch(
      /^The read record at byte \d+ of damaged\.sdtrace is lost: it is delta-encoded against the mappings record at byte 520, which is damaged: its checksum/,
    );
  }
});
