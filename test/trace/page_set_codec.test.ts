import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PAGE_NUMBER_LIMIT, PageSet } from "../../lib/core/page_set.ts";
import { PageUnion } from "../../lib/core/page_union.ts";
import { addPageSet, decodePageSet, encodePageSet } from "../../lib/trace/page_set_codec.ts";
import { decodeRice, encodeRice } from "../../lib/trace/rice_page_set.ts";
import { planRice, RICE_FORMS } from "../../lib/trace/rice_plan.ts";
import { randomPages } from "../helpers/random_pages.ts";
import { pages } from "../helpers/drawn_pages.ts";

const anySet = fc.uniqueArray(fc.maxSafeNat().map((n) => n % PAGE_NUMBER_LIMIT), { maxLength: 200 })
  .map((edges) => edges.sort((a, b) => a - b))
  .map((edges) => PageSet.fromEdges(Float64Array.from(edges.slice(0, edges.length & ~1))));

/** Sets of which each page and each hole can be coded by itself in little time. */
const nearSet = fc.uniqueArray(fc.nat(5000), { minLength: 2, maxLength: 200 })
  .map((edges) => edges.sort((a, b) => a - b).slice(0, edges.length & ~1))
  .map((edges) => PageSet.fromEdges(Float64Array.from(edges)));

/** The least size of n pages of N, chosen at random: log2 of N over n, in bytes. */
function boundBytes(whole: number, chosen: number): number {
  const logFactorial = (n: number) => {
    let sum = 0;
    for (let i = 2; i <= n; i++) sum += Math.log2(i);
    return sum;
  };
  return (logFactorial(whole) - logFactorial(chosen) - logFactorial(whole - chosen)) / 8;
}

describe("the codec of page sets", () => {
  test("gives back each set that it is given", () => {
    fc.assert(fc.property(anySet, (set) => {
      expect(decodePageSet(encodePageSet(set)).equals(set)).toBe(true);
    }));
  });

  test("gives back each set in each form that there is", () => {
    fc.assert(fc.property(nearSet, (set) => {
      const plan = planRice(set);
      for (const form of Object.values(RICE_FORMS)) {
        // The best parameters for one form are possible ones for the others.
        expect(decodeRice(encodeRice(set, { ...plan, form })).equals(set)).toBe(true);
      }
    }));
  });

  test("adds to a union what it would decode, in each form, over gaps of any size", () => {
    const shifted = (set: PageSet, by: number) => PageSet.fromEdges(set.edges.map((e) => e + by));
    fc.assert(fc.property(nearSet, nearSet, (near, other) => {
      const set = near.union(shifted(other, 2 ** 40));
      const plan = planRice(near);
      for (const form of Object.values(RICE_FORMS)) {
        // Holes in the gap between would take for ever.
        const coded = form === RICE_FORMS.holes ? near : set;
        const union = new PageUnion();
        addPageSet(encodeRice(coded, { ...plan, form }), union);
        expect([...union.toPageSet().edges]).toEqual([...coded.edges]);
      }
    }));
  });

  test("gives back sets of any density, in few bytes", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(2 ** 31), (share, seed) => {
        const set = randomPages(3000, share, seed);
        const bytes = encodePageSet(set);
        expect(decodePageSet(bytes).equals(set)).toBe(true);
        expect(bytes.length).toBeLessThan(boundBytes(3000, set.pageCount) * 1.15 + 16);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    [0.01, RICE_FORMS.pages],
    [0.99, RICE_FORMS.holes],
  ])("comes within 1 %% of the bound for a share of %d of two million pages", (share, form) => {
    const set = randomPages(2_097_152, share, 7);
    const bytes = encodePageSet(set);
    expect(bytes[0]).toBe(form);
    expect(bytes.length).toBeLessThan(boundBytes(2_097_152, set.pageCount) * 1.01);
    expect(decodePageSet(bytes).equals(set)).toBe(true);
  });

  test("codes many long runs by their lengths", () => {
    const runs = Array.from(
      { length: 2000 },
      (_, i) => ({ start: i * 5000, end: i * 5000 + 1300 + i % 7 }),
    );
    const set = PageSet.from(runs);
    const bytes = encodePageSet(set);
    expect(bytes[0]).toBe(RICE_FORMS.runs);
    expect(bytes.length).toBeLessThan(2000 * 4);
    expect(decodePageSet(bytes).equals(set)).toBe(true);
  });

  test("writes few runs as gaps and lengths in as few bytes as they need", () => {
    expect([...encodePageSet(pages("..###.#"))]).toEqual([0, 2, 3, 1, 1]);
    expect(encodePageSet(PageSet.empty)).toHaveLength(0);
    const last = PageSet.from([{ start: PAGE_NUMBER_LIMIT - 1, end: PAGE_NUMBER_LIMIT }]);
    expect(encodePageSet(last)).toHaveLength(10);
  });

  test("keeps many runs of many bytes each", () => {
    const edges = Float64Array.from({ length: 2000 }, (_, i) => (i + 1) * 2 ** 40);
    const set = PageSet.fromEdges(edges);
    expect(decodePageSet(encodePageSet(set)).equals(set)).toBe(true);
  });

  test.each([
    ["end within a number", [0, 0x80]],
    ["end within a run", [0, 5]],
    ["have an empty run", [0, 5, 0]],
    ["go past the address space", [0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1]],
    ["have a number of too many bytes", [0, ...Array(20).fill(0x80), 1, 1]],
    ["have a form that is none", [7, 0, 0, 1, 1, 1]],
    ["have parameters of no code", [1, 200, 0, 1, 1, 1]],
    ["declare more runs than they can hold", [3, 0, 0, 1, 0xff, 0xff, 0xff, 0x7f, 0]],
    ["declare more pages than they hold", [1, 0, 0, 1, 1, 0xff, 0xff, 0x7f, 0]],
    ["end within a code", [1, 5, 0, 1, 2, 2, 0xff]],
  ])("refuses bytes that %s", (_, bytes) => {
    expect(() => decodePageSet(Uint8Array.from(bytes))).toThrow(RangeError);
  });

  test("does not make room for more runs than the bits can hold, of which each takes two", () => {
    const bytes = Uint8Array.from([3, 0, 0, 1, 41, ...Array(5).fill(0)]);
    expect(() => decodePageSet(bytes)).toThrow("has no end");
    bytes[4] = 42;
    expect(() => decodePageSet(bytes)).toThrow("has no runs");
  });

  test("never takes bytes for a set that is not one", () => {
    fc.assert(
      fc.property(fc.nat(4), fc.uint8Array({ maxLength: 64 }), (form, bytes) => {
        try {
          const set = decodePageSet(Uint8Array.from([form, ...bytes]));
          expect(PageSet.fromEdges(set.edges.slice()).equals(set)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
