/** Indexes that lie: what they declare is checked, against the file or against each record. */

import { describe, expect, test } from "vitest";
import { TraceError } from "../../lib/core/errors.ts";
import { encodeFrame } from "../../lib/trace/frame.ts";
import { EVENT_TYPES, RECORD_TYPES } from "../../lib/trace/schema.ts";
import { compress, prepareCompression } from "../../lib/trace/zstd.ts";
import { cpuTimeMs } from "../helpers/cpu_time.ts";
import { readerOf } from "../helpers/memory_trace.ts";
import { endsOf, header, join, record } from "../helpers/raw_records.ts";

const row = (start: number) => [start, start + 1, "rw-p", 0, "00:00", "0", ""];
const read = (number: number, atNs: number, process = 0, mappings = 0) =>
  record(EVENT_TYPES.read, [process, atNs, number, 1, 0, 4, null, mappings, null, []]);

const before = join(
  header(),
  record(RECORD_TYPES.process, [0, 42, 1, "x"]),
  record(RECORD_TYPES.process, [1, 43, 1, "y"]),
  record(RECORD_TYPES.mappings, [0, null, [row(1)]]),
  record(RECORD_TYPES.mappings, [1, null, [row(9)]]),
  read(0, 5),
  read(1, 5),
  record(EVENT_TYPES.mark, [null, 7, "x"]),
);
const [, , , list0, list1, read0, read1, mark] = endsOf(before);

interface Declared {
  types: number[];
  offsets: number[];
  times: number[];
  owners: number[];
  [more: string]: unknown;
}

const honest: Declared = {
  types: [4, 4, 5],
  offsets: [read0, read1, mark],
  times: [5, 5, 7],
  owners: [1, 1, 0],
  processes: [[0, 42, 1, "x"], [1, 43, 1, "y"]],
  mappings: [0, list0, 1, list1],
};

function indexValue({ types, offsets, times, owners, ...more }: Declared): unknown {
  const view = new DataView(new ArrayBuffer(times.length * 8));
  times.forEach((time, i) => view.setFloat64(i * 8, time));
  return {
    types: Uint8Array.from(types),
    offsets: varints(offsets.map((offset, i) => offset - (offsets[i - 1] ?? 0))),
    times: new Uint8Array(view.buffer),
    owners: varints(owners),
    ...more,
  };
}

function varints(values: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (const value of values) {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

function end(offset: number): Uint8Array {
  const body = new Uint8Array(8);
  new DataView(body.buffer).setFloat64(0, offset);
  return encodeFrame(RECORD_TYPES.end, body);
}

const withIndex = (changes: Partial<Declared>) =>
  join(
    before,
    record(RECORD_TYPES.index, indexValue({ ...honest, ...changes } as Declared)),
    end(before.length),
  );

test("an index that does not lie is taken", () => {
  const trace = readerOf(withIndex({}));
  expect(trace.isIndexed).toBe(true);
  expect([...trace.events()]).toHaveLength(3);
});

describe("an index is not taken, and the records are walked over, if it", () => {
  test.each<[string, Partial<Declared>]>([
    ["points behind itself", { offsets: [read0, read1, 1e6] }],
    ["points beyond any file", { offsets: [read0, read1, 2 ** 52] }],
    ["has the same event twice", { offsets: [read0, read0, mark] }],
    ["has events without times", { times: [5, 5] }],
    ["has events without owners", { owners: [1] }],
    ["has times that are none", { times: [NaN, 5, 7] }],
    ["has times before the session", { times: [-1, 5, 7] }],
    ["has a type that is none", { types: [4, 99, 5] }],
    ["has an owner that no number is for", { owners: [2 ** 40, 1, 0] }],
    ["has a process that is none", { processes: [[0, "42", 1, "x"]] }],
    ["points to mappings behind itself", { mappings: [0, 1e6] }],
    ["has mappings without an offset", { mappings: [0] }],
    ["has problems that are none", { problems: [7] }],
    ["has numbers for some events only", { numbers: varints([1]) }],
  ])("%s", (_, changes) => {
    const trace = readerOf(withIndex(changes));
    expect(trace.isIndexed).toBe(false);
    expect([...trace.events()]).toHaveLength(3);
    expect(trace.problems).toEqual([]);
  });

  test("has more events than the file has bytes", () => {
    const count = 500_000;
    const trace = readerOf(withIndex({
      types: Array(count).fill(5),
      offsets: Array.from({ length: count }, (_, i) => i + 1),
      times: Array(count).fill(7),
      owners: Array(count).fill(0),
    }));
    expect(trace.isIndexed).toBe(false);
    expect(trace.eventCount).toBe(3);
  });

  test.each<[string, (index: Uint8Array) => Uint8Array]>([
    ["does not stand where the end says", (index) => join(index, end(before.length + 1))],
    ["is said to be the end itself", (index) => join(index, end(before.length + index.length))],
    ["is said to be beyond the file", (index) => join(index, end(2 ** 52))],
    ["is said to be nowhere", (index) => join(index, end(NaN))],
    ["is followed by other events", (index) => {
      return join(index, record(EVENT_TYPES.mark, [null, 8, "later"]), end(before.length));
    }],
  ])("%s", (_, tail) => {
    const bytes = join(before, tail(record(RECORD_TYPES.index, indexValue(honest))));
    const trace = readerOf(bytes);
    expect(trace.isIndexed).toBe(false);
    expect([...trace.events()].length).toBeGreaterThanOrEqual(3);
  });

  test("is a bomb", async () => {
    await prepareCompression();
    for (const byte of [0x90, 0x80, 0x00]) {
      const bytes = new Uint8Array(1 << 26).fill(byte);
      bytes.set([0xdd, 0x03, 0xff, 0xff, 0xfb]);
      const body = join(varints([bytes.length]), compress(bytes)!);
      const bomb = encodeFrame(RECORD_TYPES.index | 0x80, body);
      const startMs = cpuTimeMs();
      const trace = readerOf(join(before, bomb, end(before.length)));
      expect(cpuTimeMs() - startMs).toBeLessThan(10_000);
      expect([trace.isIndexed, trace.eventCount]).toEqual([false, 3]);
    }
  });
});

describe("an event is reported as damaged, and is no other event, if the index", () => {
  test.each<[string, Partial<Declared>, number]>([
    ["has another one in its place", { offsets: [read0, read1, mark], types: [4, 5, 5] }, 1],
    ["points into the middle of it", { offsets: [read0 + 1, read1, mark] }, 0],
    ["has another time for it", { times: [6, 5, 7] }, 0],
    ["has another process for it", { owners: [2, 1, 0] }, 0],
    ["has a process for a mark", { owners: [1, 1, 1] }, 2],
    ["leaves out a read before it", only(1), 0],
    ["has another number for it", { numbers: varints([2, 1, 0]) }, 0],
    ["exchanges lists of mappings", { mappings: [0, list1, 1, list0] }, 0],
    ["has no such list of mappings", { mappings: [1, list1] }, 0],
    ["has no such process", { processes: [] }, 0],
  ])("%s", (_, changes, damaged) => {
    const trace = readerOf(withIndex(changes));
    expect(trace.isIndexed).toBe(true);
    expect(() => trace.event(damaged)).toThrow(TraceError);
    expect(() => trace.event(damaged)).toThrow(expect.objectContaining({ code: "damaged" }));
  });

  /** One event alone. */
  function only(i: number): Partial<Declared> {
    const { types, offsets, times, owners } = honest;
    return {
      types: [types[i]],
      offsets: [offsets[i]],
      times: [times[i]],
      owners: [owners[i]],
    };
  }
});
