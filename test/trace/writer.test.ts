import { decodeMulti } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import { TraceWriter } from "../../lib/trace/writer.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import { HEADER, MemorySink, readerOf, traceBytes } from "../helpers/memory_trace.ts";

interface AnyEvent {
  type: string;
  [field: string]: unknown;
}

/** What a library that knows nothing of this format finds in a trace. */
function foreignEvents(bytes: Uint8Array): AnyEvent[] {
  const values = [...decodeMulti(bytes)];
  return values.filter((_, i) => i % 2 === 1) as AnyEvent[];
}

describe("TraceWriter", () => {
  test("writes lengths and maps that any msgpack library iterates", () => {
    const bytes = traceBytes((writer) => {
      writer.clear(clearAt(1e6));
      writer.read(snapshot("0x10 rw-p [heap] .D"));
    });
    const values = [...decodeMulti(bytes)];
    expect(values.filter((_, i) => i % 2 === 0).every((value) => typeof value === "number")).toBe(
      true,
    );
    const events = foreignEvents(bytes);
    expect(events.map((event) => event.type)).toEqual(["header", "clear", "mappings", "read"]);
    expect(events[0]).toEqual(HEADER);
    expect(events[3]).toMatchObject({
      clear: 0,
      mappings: 0,
      pages: { dirty: Uint8Array.of(17, 1) },
    });
  });

  test("keeps times and pages exact beyond 32 bits", () => {
    const bytes = traceBytes((writer) => {
      writer.clear(clearAt(2 ** 52 + 1));
      writer.read(snapshot(`${0xffff_ffff_ff600} r-xp [vsyscall] D`, { sinceClear: null }));
    });
    const events = foreignEvents(bytes);
    expect(events[1].atNs).toBe(2 ** 52 + 1);
    expect((events[2].rows as unknown[][])[0].slice(0, 2)).toEqual([
      0xffff_ffff_ff600,
      0xffff_ffff_ff601,
    ]);
  });

  test("writes the mappings after a clear once, and gives them back with it", () => {
    const { vmas } = snapshot("0x10 rw-p a D");
    const bytes = traceBytes((writer) => {
      writer.clear({ ...clearAt(1e6), vmas });
      writer.read(snapshot("0x10 rw-p a D", { sinceClear: { ...clearAt(1e6), vmas } }));
    });
    const types = foreignEvents(bytes).map((event) => event.type);
    expect(types).toEqual(["header", "mappings", "clear", "read"]);
    const reader = readerOf(bytes);
    expect(reader.event(0)).toEqual({ ...clearAt(1e6), vmas });
    expect(reader.at(0).sinceClear?.vmas).toEqual(vmas);
  });

  test("writes mappings again only when they changed", () => {
    const bytes = traceBytes((writer) => {
      const never = { sinceClear: null };
      writer.read(snapshot("0x10 rw-p a D", never));
      writer.read(snapshot("0x10 rw-p a p", never));
      writer.read(snapshot("0x10 r--p a p", never));
      writer.read(snapshot("0x10 r--p a p", never));
    });
    const types = foreignEvents(bytes).map((event) => event.type);
    expect(types).toEqual(["header", "mappings", "read", "read", "mappings", "read", "read"]);
    expect(foreignEvents(bytes).map((event) => event.mappings)).toEqual(
      [undefined, undefined, 0, 0, undefined, 1, 1],
    );
  });

  test("writes mappings again when a file is mapped at another offset", () => {
    const first = snapshot("0x10 rw-p a D", { sinceClear: null });
    const vmas = first.vmas.map((vma) => ({ ...vma, offsetPages: 7 }));
    const bytes = traceBytes((writer) => {
      writer.read(first);
      writer.read(snapshot("0x10 rw-p a D", { vmas, sinceClear: null }));
    });
    expect(foreignEvents(bytes).filter((event) => event.type === "mappings")).toHaveLength(2);
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
    const reads = foreignEvents(bytes).filter((event) => event.type === "read");
    expect(reads.map(({ clear, mappings }) => [clear, mappings])).toEqual([[1, 0], [0, 1], [1, 0]]);
  });

  test("writes the clear that a read is measured from, if that was not written", () => {
    const bytes = traceBytes((writer) => {
      writer.clear(clearAt(1e6));
      writer.read(snapshot("0x10 rw-p a D", { sinceClear: clearAt(5e6) }));
    });
    const events = foreignEvents(bytes);
    expect(events.map((event) => event.type)).toEqual([
      "header",
      "clear",
      "clear",
      "mappings",
      "read",
    ]);
    expect(events.at(-1)).toMatchObject({ clear: 1 });
  });

  test("appends each record whole, as soon as it happens", () => {
    const sink = new MemorySink();
    const writer = new TraceWriter(sink, HEADER);
    expect(sink.records).toHaveLength(1);
    writer.note({ type: "mark", text: "now", atNs: 1 });
    expect(sink.records).toHaveLength(2);
  });
});
