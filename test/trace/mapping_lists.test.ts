import { expect, test } from "vitest";
import { encodeRecord } from "../../lib/trace/body.ts";
import { MappingLists } from "../../lib/trace/mapping_lists.ts";
import { RECORD_TYPES } from "../../lib/trace/schema.ts";
import { memorySource } from "../helpers/memory_trace.ts";
import { joinAll } from "../helpers/raw_records.ts";

/** Lists of so many mappings each, the first at the page that is its number. */
function listsOf(mappingCounts: readonly number[]) {
  const records = mappingCounts.map((mappingCount, number) => {
    const rows = Array.from({ length: mappingCount }, (_, i) => {
      const start = number + i * 2;
      return [start, start + 1, "rw-p", 0, "00:00", "0", ""];
    });
    return encodeRecord(RECORD_TYPES.mappings, [number, null, rows]);
  });
  const offsets = new Map<number, number>();
  let at = 0;
  records.forEach((record, number) => {
    offsets.set(number, at);
    at += record.length;
  });
  const source = memorySource(joinAll(records));
  return { source, lists: new MappingLists(source, offsets) };
}

test("the lists of many processes are decoded once, however their reads alternate", () => {
  const { source, lists } = listsOf(Array(100).fill(30));
  const walk = () => Array.from({ length: 100 }, (_, number) => lists.at(number)[0].start);
  expect(walk()).toEqual(Array.from({ length: 100 }, (_, number) => number));
  const once = source.bytesRead;
  expect(walk()).toEqual(walk());
  expect(source.bytesRead).toBe(once);
});

test("of lists that are too large to be kept, the last is kept alone", () => {
  const { source, lists } = listsOf([150_000, 150_000]);
  for (const number of [0, 1, 1]) expect(lists.at(number)).toHaveLength(150_000);
  const both = source.bytesRead;
  expect(lists.at(0)[0].start).toBe(0);
  expect(source.bytesRead).toBeGreaterThan(both);
});

test("a name that stands for one of a row before is refused if there is none", () => {
  for (const name of [1, 0, -1, 0.5]) {
    const rows = [[1, 2, "rw-p", 0, "00:00", "0", name]];
    const bytes = encodeRecord(RECORD_TYPES.mappings, [0, null, rows]);
    const lists = new MappingLists(memorySource(bytes), new Map([[0, 0]]));
    expect(() => lists.at(0)).toThrow(/name is not/);
  }
});

test("a list of more mappings than any process has is refused, also if steps take them over", () => {
  const rows = (first: number) =>
    Array.from({ length: 200_000 }, (_, i) => {
      const start = first + 2 * i;
      return [start, start + 1, "rw-p", 0, "00:00", "0", ""];
    });
  const records = [
    encodeRecord(RECORD_TYPES.mappings, [0, null, rows(0)]),
    encodeRecord(RECORD_TYPES.mappings, [1, 0, [200_000, ...rows(1e6)]]),
  ];
  const offsets = new Map([[0, 0], [1, records[0].length]]);
  const lists = new MappingLists(memorySource(joinAll(records)), offsets);
  expect(lists.at(0)).toHaveLength(200_000);
  expect(() => lists.at(1)).toThrow(/more than 262144 mappings/);
});

test("a name that is longer than any that Linux prints is refused", () => {
  const rows = [[1, 2, "rw-p", 0, "00:00", "0", "x".repeat(70_000)]];
  const bytes = encodeRecord(RECORD_TYPES.mappings, [0, null, rows]);
  const lists = new MappingLists(memorySource(bytes), new Map([[0, 0]]));
  expect(() => lists.at(0)).toThrow(/a name of more than 65536 characters/);
});
