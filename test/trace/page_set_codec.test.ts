import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PAGE_NUMBER_LIMIT, PageSet } from "../../lib/core/page_set.ts";
import { decodePageSet, encodePageSet } from "../../lib/trace/page_set_codec.ts";
import { pages } from "../helpers/drawn_pages.ts";

const anySet = fc.uniqueArray(fc.maxSafeNat().map((n) => n % PAGE_NUMBER_LIMIT), { maxLength: 200 })
  .map((edges) => edges.sort((a, b) => a - b))
  .map((edges) => PageSet.fromEdges(Float64Array.from(edges.slice(0, edges.length & ~1))));

describe("the codec of page sets", () => {
  test("gives back each set that it is given", () => {
    fc.assert(fc.property(anySet, (set) => {
      expect(decodePageSet(encodePageSet(set)).equals(set)).toBe(true);
    }));
  });

  test("writes gaps and lengths in as few bytes as they need", () => {
    expect([...encodePageSet(pages("..###.#"))]).toEqual([2, 3, 1, 1]);
    expect(encodePageSet(PageSet.empty)).toHaveLength(0);
    expect(encodePageSet(PageSet.from([{ start: PAGE_NUMBER_LIMIT - 1, end: PAGE_NUMBER_LIMIT }])))
      .toHaveLength(
        9,
      );
  });

  test("keeps many runs of many bytes each", () => {
    const edges = Float64Array.from({ length: 2000 }, (_, i) => (i + 1) * 2 ** 40);
    const set = PageSet.fromEdges(edges);
    expect(decodePageSet(encodePageSet(set)).equals(set)).toBe(true);
  });

  test.each([
    ["ends within a number", [0x80]],
    ["ends within a run", [5]],
    ["has an empty run", [5, 0]],
    ["goes past the address space", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1]],
    ["has a number of too many bytes", [...Array(20).fill(0x80), 1, 1]],
  ])("refuses bytes that %s", (_, bytes) => {
    expect(() => decodePageSet(Uint8Array.from(bytes))).toThrow(RangeError);
  });

  test("never takes bytes for a set that is not one", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        const set = decodePageSet(bytes);
        expect(PageSet.fromEdges(set.edges.slice()).equals(set)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }));
  });
});
