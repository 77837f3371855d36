import { encode } from "@msgpack/msgpack";
import { describe, expect, test } from "vitest";
import { TraceError, TrackingUnsupportedError } from "../../../lib/core/errors.ts";
import { WorkBudget } from "../../../lib/trace/work_budget.ts";
import { readerOf } from "../../helpers/memory_trace.ts";
import { header1 as header, join, record1 as record } from "../../helpers/raw_records.ts";

const process = { pid: 42, startTimeTicks: 1, command: "x" };
const rows = [[0x10, 0x14, "rw-p", 0, "00:00", "0", "[heap]"]];
const whole = join(
  header(),
  record(encode({ type: "clear", process, atNs: 1, durationNs: 1 })),
  record(encode({ type: "mappings", rows })),
  record(encode({
    ...{ type: "read", process, atNs: 2, durationNs: 1, clear: 0, mappings: 0 },
    pages: { dirty: Uint8Array.of(17, 2), present: Uint8Array.of(16, 3) },
  })),
  record(encode({ type: "mark", text: "between", atNs: 3 })),
);

test("a trace of version 1 is read", () => {
  const trace = readerOf(whole);
  expect([trace.problems, trace.eventCount, trace.isIndexed]).toEqual([[], 3, false]);
  const snapshot = trace.at(0);
  expect([...snapshot.dirty.edges]).toEqual([17, 19]);
  expect(snapshot).toMatchObject({ process, readBy: "pagemap", stoppedNs: 0 });
  expect(snapshot.sinceClear).toMatchObject({ atNs: 1, unseenNs: null, vmas: null });
  expect(snapshot.knows("huge")).toBe(false);
  expect(trace.summary(1)).toEqual({ type: "read", atNs: 2, process });
});

test("lists that are asked for in turn are paid for each time", () => {
  const list = (from: number) =>
    record(encode({
      type: "mappings",
      rows: Array.from({ length: 500 }, (_, i) => [
        ...[from + 2 * i, from + 2 * i + 1, "rw-p", 0, "00:00", "0", ""],
      ]),
    }));
  const read = (mappings: number, atNs: number) =>
    record(encode({
      ...{ type: "read", process, atNs, durationNs: 1, clear: null, mappings, pages: {} },
    }));
  const workOf = (mappings: readonly number[]) => {
    const trace = readerOf(join(header(), list(1), list(2), ...mappings.map(read)));
    let spent = 0;
    const budget = new WorkBudget("x", 1, (units) => spent += units);
    const walked = [...trace.events(undefined, (units) => budget.spend(units))];
    expect(walked).toHaveLength(mappings.length);
    return spent;
  };
  const [same, inTurn] = [workOf([0, 0, 0, 0, 0, 0]), workOf([0, 1, 0, 1, 0, 1])];
  expect(inTurn - same).toBeGreaterThan(5 * 500 * 20);
});

describe("a damaged or hostile trace of version 1", () => {
  const mappings = record(
    encode({ type: "mappings", rows: [[1, 2, "rw-p", 0, "00:00", "0", ""]] }),
  );
  const read = {
    type: "read",
    process,
    atNs: 1,
    durationNs: 1,
    clear: null,
    mappings: 0,
    pages: {},
  };

  test.each<[string, Uint8Array, RegExp]>([
    [
      "nested without end",
      Uint8Array.of(0x81, 0xa4, ...text("type"), 0xa4, ...text("mark"), 0x91),
      /damaged/,
    ],
    ["a mark without text", encode({ type: "mark", text: 5, atNs: 1 }), /text is not text/],
    ["a time before the session", encode({ type: "mark", text: "", atNs: -1 }), /atNs is not/],
    ["a clear without a process", encode({ type: "clear", atNs: 1, durationNs: 1 }), /process/],
    [
      "a read of mappings that are missing",
      encode({ ...read, mappings: 7 }),
      /mappings 7.*missing/,
    ],
    ["a read since a clear that is missing", encode({ ...read, clear: 0 }), /clear 0.*missing/],
    ["pages that are no bytes", encode({ ...read, pages: { dirty: "D" } }), /pages.dirty/],
    ["pages that are no runs", encode({ ...read, pages: { dirty: Uint8Array.of(1, 0) } }), /Edge/],
  ])("names what is wrong with %s", (_, body, message) => {
    const trace = readerOf(join(header(), mappings, record(body)));
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
  ])("refuses mappings that %s", (_, rows) => {
    const trace = readerOf(
      join(header(), record(encode({ type: "mappings", rows })), record(encode(read))),
    );
    expect(() => trace.at(0)).toThrow(TraceError);
  });

  test("leaves out a record of a type that it does not know, and reads on", () => {
    const trace = readerOf(join(
      header(),
      record(encode({ type: "weather", is: "fine" })),
      record(encode({ type: "mark", text: "after", atNs: 1 })),
    ));
    expect(trace.problems).toMatchObject([{ reason: "unknown record" }]);
    expect(trace.event(0)).toMatchObject({ text: "after" });
  });

  test("lists a hundred problems, and puts the rest into the last", () => {
    const bad = record(encode({ type: "weather" }));
    const trace = readerOf(join(header(), ...Array(300).fill(bad)));
    expect(trace.problems).toHaveLength(100);
    const last = trace.problems[99];
    expect(last.offset + last.lengthBytes).toBe(trace.sizeBytes);
    expect(last.reason).toMatch(/too much to list/);
  });

  test("stops at a length that no record has", () => {
    for (const length of [0, 2 ** 30 + 1]) {
      const frame = new Uint8Array(64);
      frame[0] = 0xce;
      new DataView(frame.buffer).setUint32(1, length);
      expect(readerOf(join(whole, frame)).problems).toMatchObject([{
        reason: "no record begins here",
      }]);
    }
  });

  test("reports a second header, and dates that no clock shows", () => {
    const trace = readerOf(
      join(header(), header(), record(encode({ type: "mark", text: "x", atNs: 1 }))),
    );
    expect(trace.problems).toMatchObject([{ reason: "a second header" }]);
    expect(trace.eventCount).toBe(1);
    expect(() => readerOf(header({ originUnixMs: 1e300 }))).toThrow(/originUnixMs/);
    expect(() => readerOf(header({ version: 0 }))).toThrow(/version/);
  });

  test("passes over damaged records if asked to, and hands them over", () => {
    const trace = readerOf(join(
      header(),
      record(encode({ type: "mark", text: 5, atNs: 1 })),
      record(encode({ type: "mark", text: "after", atNs: 1 })),
    ));
    const damaged: TraceError[] = [];
    expect([...trace.events((error) => damaged.push(error))]).toMatchObject([{ text: "after" }]);
    expect(damaged).toMatchObject([{ code: "damaged" }]);
    expect(() => [...trace.events()]).toThrow(TraceError);
  });

  test("stops where no record begins, and keeps what stands before", () => {
    const trace = readerOf(join(whole, text("garbage")));
    expect(trace.eventCount).toBe(3);
    expect(trace.problems).toMatchObject([{
      offset: whole.length,
      reason: "no record begins here",
    }]);
  });

  test("survives any single byte changed: a typed error, or other values, never a crash", () => {
    for (let at = 0; at < whole.length; at++) {
      const bytes = whole.slice();
      bytes[at] ^= 1 << (at % 8);
      try {
        const trace = readerOf(bytes);
        for (let i = 0; i < trace.eventCount; i++) {
          try {
            trace.event(i);
          } catch (error) {
            expectTyped(error);
          }
        }
      } catch (error) {
        expectTyped(error);
      }
    }
  });
});

function text(characters: string): Uint8Array {
  return new TextEncoder().encode(characters);
}

function expectTyped(error: unknown): void {
  if (error instanceof TraceError || error instanceof TrackingUnsupportedError) return;
  throw error;
}
