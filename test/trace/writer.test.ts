import { decode, decodeMulti } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import { crc32c } from "../../lib/trace/crc32c.ts";
import { EVENT_TYPES, RECORD_TYPES } from "../../lib/trace/schema.ts";
import { TraceWriter } from "../../lib/trace/writer.ts";
import { decompress } from "../../lib/trace/zstd.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import { HEADER, MemorySink, readerOf, traceBytes } from "../helpers/memory_trace.ts";

const TYPES = Object.fromEntries(
  Object.entries({ ...EVENT_TYPES, ...RECORD_TYPES }).map(([name, number]) => [number, name]),
);

/** What a library that knows nothing of this format finds in a trace. */
function foreignRecords(bytes: Uint8Array): [type: string, value: unknown][] {
  return [...decodeMulti(bytes)].map((payload) => {
    const record = payload as Uint8Array;
    const checksum = new DataView(record.buffer, record.byteOffset).getUint32(0);
    expect(checksum).toBe(crc32c(record.subarray(4)));
    const [type, body] = [record[4], record.subarray(5)];
    if (type === RECORD_TYPES.end) return ["end", null];
    return [TYPES[type & 0x7f], decode(type < 0x80 ? body : unpacked(body))];
  });
}

/** A length as a varint, and zstd. */
function unpacked(body: Uint8Array): Uint8Array {
  let [length, at] = [0, 0];
  do length += (body[at] & 0x7f) * 0x80 ** at; while (body[at++] > 0x7f);
  return decompress(body.subarray(at), length);
}

const typesOf = (bytes: Uint8Array) => foreignRecords(bytes).map(([type]) => type);
const valuesOf = (bytes: Uint8Array, wanted: string) =>
  foreignRecords(bytes).flatMap(([type, value]) => type === wanted ? [value as unknown[]] : []);

describe("TraceWriter", () => {
  test("writes binary values and arrays that any msgpack library iterates", () => {
    const bytes = traceBytes((writer) => {
      writer.clear(clearAt(1e6));
      writer.read(snapshot("0x10 rw-p [heap] .D"));
      writer.finish();
    });
    expect(typesOf(bytes)).toEqual([
      ...["header", "header", "process", "clear", "mappings", "read", "index", "end"],
    ]);
    expect(valuesOf(bytes, "header")).toEqual([HEADER, HEADER]);
    expect(valuesOf(bytes, "process")).toEqual([[0, 42, 1000, "drawn"]]);
    expect(valuesOf(bytes, "clear")).toEqual([[0, 1e6, 0, 1000, 0, 0, null]]);
    const [read] = valuesOf(bytes, "read");
    expect(read.slice(0, 5)).toEqual([0, 2e6, 0, 5e4, 0]);
    expect(read.slice(6)).toEqual([0, 0, null, [
      ...[0, Uint8Array.of(0, 17, 1)], // dirty
      ...[2, Uint8Array.of(0, 17, 1)], // present
    ]]);
  });

  test("keeps times and pages exact beyond 32 bits", () => {
    const bytes = traceBytes((writer) => {
      writer.clear(clearAt(2 ** 52 + 1));
      writer.read(snapshot(`${0xffff_ffff_ff600} r-xp [vsyscall] D`, { sinceClear: null }));
    });
    expect(valuesOf(bytes, "clear")[0][1]).toBe(2 ** 52 + 1);
    const [[, , [row]]] = valuesOf(bytes, "mappings") as [[number, null, [number[]]]];
    expect(row.slice(0, 2)).toEqual([0xffff_ffff_ff600, 0xffff_ffff_ff601]);
  });

  test("writes the mappings after a clear once, and gives them back with it", () => {
    const { vmas } = snapshot("0x10 rw-p a D");
    const bytes = traceBytes((writer) => {
      writer.clear({ ...clearAt(1e6), vmas });
      writer.read(snapshot("0x10 rw-p a D", { sinceClear: { ...clearAt(1e6), vmas } }));
    });
    expect(typesOf(bytes)).toEqual(["header", "header", "process", "mappings", "clear", "read"]);
    const reader = readerOf(bytes);
    expect(reader.event(0)).toEqual({ ...clearAt(1e6), vmas });
    expect(reader.at(0).sinceClear?.vmas).toEqual(vmas);
  });

  test("writes of mappings only what changed", () => {
    const never = { sinceClear: null };
    const bytes = traceBytes((writer) => {
      writer.read(snapshot("0x10 rw-p a D\n0x20 rw-p b D\n0x30 rw-p c D", never));
      writer.read(snapshot("0x10 rw-p a D\n0x20 rw-p b D\n0x30 rw-p c D", never));
      writer.read(snapshot("0x10 rw-p a D\n0x22 rw-p b D\n0x30 rw-p c D", never));
    });
    expect(valuesOf(bytes, "read").map((read) => read[7])).toEqual([0, null, 1]);
    const [, second] = valuesOf(bytes, "mappings");
    expect(second).toEqual([1, 0, [1, -1, [0x22, 0x23, "rw-p", 0, "00:00", "0", "b"], 1]]);
    expect(readerOf(bytes).at(2).vmas.map((vma) => vma.start)).toEqual([0x10, 0x22, 0x30]);
  });

  test("writes mappings again when a file is mapped at another offset", () => {
    const first = snapshot("0x10 rw-p a D", { sinceClear: null });
    const vmas = first.vmas.map((vma) => ({ ...vma, offsetPages: 7 }));
    const bytes = traceBytes((writer) => {
      writer.read(first);
      writer.read(snapshot("0x10 rw-p a D", { vmas, sinceClear: null }));
    });
    expect(valuesOf(bytes, "mappings")).toHaveLength(2);
  });

  test("keeps the mappings and clears of several processes apart", () => {
    const other = { pid: 43, startTimeTicks: 5, command: "other" };
    const bytes = traceBytes((writer) => {
      writer.clear(clearAt(1e6));
      writer.clear({ ...clearAt(2e6), process: other });
      const sinceClear = { ...clearAt(2e6), process: other };
      writer.read(snapshot("0x10 rw-p a D", { process: other, sinceClear }));
      writer.read(snapshot("0x20 rw-p b D"));
      writer.read(snapshot("0x10 rw-p a D", { process: other, sinceClear }));
    });
    const reads = valuesOf(bytes, "read").map((read) => [read[0], read[6], read[7], read[8]]);
    expect(reads).toEqual([[1, 1, 0, null], [0, 0, 1, null], [1, 1, null, 2]]);
  });

  test("starts without a base for a process with another command, for which clears still count", () => {
    const renamed = { pid: 42, startTimeTicks: 1000, command: "renamed" };
    const bytes = traceBytes((writer) => {
      writer.clear(clearAt(1e6));
      writer.read(snapshot("0x10 rw-p a D"));
      writer.read(snapshot("0x10 rw-p a D", { process: renamed }));
    });
    expect(valuesOf(bytes, "process").map((row) => row[3])).toEqual(["drawn", "renamed"]);
    const [, second] = valuesOf(bytes, "read");
    expect([second[0], second[6], second[8]]).toEqual([1, 0, null]);
    expect(readerOf(bytes).at(1)).toMatchObject({ process: renamed, sinceClear: { atNs: 1e6 } });
  });

  test("writes the clear that a read is measured from, if that was not written", () => {
    const bytes = traceBytes((writer) => {
      writer.clear(clearAt(1e6));
      writer.read(snapshot("0x10 rw-p a D", { sinceClear: clearAt(5e6) }));
    });
    expect(typesOf(bytes)).toEqual([
      "header",
      "header",
      "process",
      "clear",
      "clear",
      "mappings",
      "read",
    ]);
    expect(valuesOf(bytes, "read")[0][6]).toBe(1);
  });

  test("writes a keyframe after so many reads, and after so many bytes", () => {
    const read = (writer: TraceWriter, i: number) =>
      writer.read(
        snapshot(`0x10 rw-p a ${"pppDpp".slice(i % 3, i % 3 + 4)}`, { sinceClear: null }),
      );
    const bases = (keyframes: { reads: number; bytes: number }) => {
      const sink = new MemorySink();
      const writer = new TraceWriter(sink, HEADER, keyframes);
      for (let i = 0; i < 7; i++) read(writer, i);
      return valuesOf(sink.bytes, "read").map((value) => value[8]);
    };
    expect(bases({ reads: 3, bytes: 1e9 })).toEqual([null, 1, 2, null, 1, 2, null]);
    expect(bases({ reads: 100, bytes: 20 })).toEqual([null, null, null, null, null, null, null]);
  });

  test("writes the same set again in at most 40 bytes", () => {
    const sink = new MemorySink();
    const writer = new TraceWriter(sink, HEADER);
    writer.clear(clearAt(123_456_789));
    const again = (atNs: number) =>
      writer.read(snapshot(`0x10 rw-p a ${"Dp.".repeat(3000)}`, {
        atNs,
        durationNs: 1_234_567,
        sinceClear: clearAt(123_456_789),
      }));
    again(5e12 + 1);
    const before = sink.bytes.length;
    again(6e12 + 1);
    expect(sink.bytes.length - before).toBeLessThanOrEqual(40);
  });

  test("appends each record whole, as soon as it happens", () => {
    const sink = new MemorySink();
    const writer = new TraceWriter(sink, HEADER);
    expect(sink.records).toHaveLength(1);
    writer.note({ type: "mark", text: "now", atNs: 1 });
    expect(sink.records).toHaveLength(2);
  });
});
