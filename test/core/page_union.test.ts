import fc from "fast-check";
import { expect, test } from "vitest";
import { PAGE_NUMBER_LIMIT, PageSet } from "../../lib/core/page_set.ts";
import { PageUnion } from "../../lib/core/page_union.ts";

/** Sets with edges near the borders of blocks and words, where mistakes would be. */
const edge = fc.tuple(
  fc.constantFrom(0, 1 << 15, 1 << 16, 2 ** 40, 2 ** 40 + (1 << 20)),
  fc.integer({ min: -70, max: 70 }),
)
  .map(([near, by]) => Math.max(0, near + by));
const anySet = fc.uniqueArray(edge, { maxLength: 12 }).map((edges) => {
  edges.sort((a, b) => a - b);
  return PageSet.fromEdges(Float64Array.from(edges.slice(0, edges.length & ~1)));
});

test("PageUnion has the pages of all sets that were added, and no others", () => {
  fc.assert(
    fc.property(fc.array(anySet, { maxLength: 6 }), (sets) => {
      const union = new PageUnion();
      for (const set of sets) union.add(set);
      const expected = sets.reduce((all, set) => all.union(set), PageSet.empty);
      expect([...union.toPageSet().edges]).toEqual([...expected.edges]);
    }),
    { numRuns: 500 },
  );
});

test("PageUnion.countOf() tells how many pages of a set are in it", () => {
  fc.assert(
    fc.property(fc.array(anySet, { maxLength: 6 }), anySet, (sets, asked) => {
      const union = new PageUnion();
      for (const set of sets) union.add(set);
      const expected = union.toPageSet();
      expect(union.countOf(asked)).toBe(expected.intersect(asked).pageCount);
      const all = PageSet.from([{ start: 0, end: PAGE_NUMBER_LIMIT }]);
      expect(union.countOf(all)).toBe(expected.pageCount);
      expect(union.countOf(expected)).toBe(expected.pageCount);
    }),
    { numRuns: 500 },
  );
});

test("PageUnion.remove() takes pages away, and no others", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anySet, fc.boolean()), { maxLength: 8 }), (steps) => {
      const union = new PageUnion();
      let expected = PageSet.empty;
      for (const [set, isAdded] of steps) {
        if (isAdded) union.add(set);
        else union.remove(set);
        expected = isAdded ? expected.union(set) : expected.subtract(set);
        expect([...union.toPageSet().edges]).toEqual([...expected.edges]);
      }
    }),
    { numRuns: 500 },
  );
});

test("PageUnion takes the whole address space without a bitmap of it", () => {
  const union = new PageUnion();
  union.add(PageSet.from([{ start: 1, end: PAGE_NUMBER_LIMIT }]));
  union.add(PageSet.from([{ start: 0, end: 1 }]));
  expect([...union.toPageSet().edges]).toEqual([0, PAGE_NUMBER_LIMIT]);
});

test("PageUnion.addSkipping() adds a page and those behind so many others, and tells the last", () => {
  const skips = fc.array(fc.oneof(fc.nat(200), fc.constantFrom(32_766, 32_767, 2 ** 30 - 1)));
  fc.assert(
    fc.property(edge, fc.array(skips, { minLength: 1, maxLength: 3 }), (start, batches) => {
      const union = new PageUnion();
      let [page, told] = [start, start];
      const pages = [start];
      for (const batch of batches) {
        for (const skip of batch) pages.push(page += skip + 1);
        told = union.addSkipping(told, Int32Array.from(batch));
        expect(told).toBe(page);
      }
      const expected = PageSet.from(pages.map((start) => ({ start, end: start + 1 })));
      expect([...union.toPageSet().edges]).toEqual([...expected.edges]);
    }),
  );
});

test("PageUnion.addAfter() takes a gap of any size", () => {
  const union = new PageUnion();
  expect(union.addAfter(-1, 0)).toBe(0);
  expect(union.addAfter(0, 2 ** 40)).toBe(2 ** 40 + 1);
  expect(union.toPageSet().toJSON()).toEqual([[0, 1], [2 ** 40 + 1, 1]]);
});

test("PageUnion refuses pages out of the address space", () => {
  const last = PAGE_NUMBER_LIMIT - 1;
  expect(() => new PageUnion().addAfter(last, 0)).toThrow(RangeError);
  expect(() => new PageUnion().addSkipping(last, Int32Array.of(0))).toThrow(RangeError);
  expect(new PageUnion().addSkipping(last - 1, Int32Array.of(0))).toBe(last);
});
