import fc from "fast-check";
import { expect, test } from "vitest";
import { PageSet } from "../../lib/core/page_set.ts";
import { decodeVarintRuns, encodeVarintRuns } from "../../lib/trace/varint_runs.ts";
import { pages } from "../helpers/drawn_pages.ts";

test("runs are gaps and lengths in as few bytes as they need", () => {
  expect([...encodeVarintRuns(pages("..###.#"))]).toEqual([2, 3, 1, 1]);
  expect(encodeVarintRuns(PageSet.empty)).toHaveLength(0);
});

test("no bytes are taken for runs that are none", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
    try {
      const set = decodeVarintRuns(bytes);
      // A number may be padded, as 80 00 for 0; so what is encoded again may be shorter.
      const again = encodeVarintRuns(set);
      expect(again.length).toBeLessThanOrEqual(bytes.length);
      expect(decodeVarintRuns(again).equals(set)).toBe(true);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
    }
  }));
});
