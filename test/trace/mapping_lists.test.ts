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
