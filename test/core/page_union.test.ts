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

test("PageUnion.countOf() counts the pages of a set that are in it", () => {
  fc.assert(
    fc.property(fc.array(anySet, { maxLength: 6 }), anySet, (sets, asked) => {
      const union = new PageUnion();
      for (const set of sets) union.add(set);
      const expected = union.toPageSet();
      expect(union.countOf(asked)).toBe(expected.intersect(asked).pageCount);
      const all = PageSet.from([{ start: 0, end: PAGE_NUMBER_LIMIT }]);
      expect(union.countOf(all)).toBe(expected.pageCount);
      expect(union.countOf(expected)).toBe(expected.pageCount);
      expect(union.pageCount).toBe(expected.pageCount);
      expect([...union.lacking(asked).edges]).toEqual([...asked.subtract(expected).edges]);
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

/** Sets of many runs: so many in a block that they get a bitmap, and a few in each of many blocks. */
const manyRuns = fc.record({
  start: fc.constantFrom(0, 1 << 15, (1 << 15) - 100, 2 ** 40),
  count: fc.constantFrom(1, 20, 40, 300, 2000),
  length: fc.integer({ min: 1, max: 3 }),
  stride: fc.constantFrom(4, 5, 50, 3000, 40_000),
}).map(({ start, count, length, stride }) =>
  PageSet.from(
    Array.from({ length: count }, (_, i) => {
      const first = start + i * stride;
      return { start: first, end: first + length };
    }),
  )
);

test("PageUnion has the same pages, whether they lie close together or scattered", () => {
  const step = fc.tuple(manyRuns, fc.constantFrom("add", "add", "add", "remove", "skip"));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), manyRuns, (steps, asked) => {
      const union = new PageUnion();
      let expected = PageSet.empty;
      for (const [set, how] of steps) {
        if (how === "remove") union.remove(set);
        else if (how === "add") union.add(set);
        else {
          for (const { start, end } of set.runs()) {
            union.addSkipping(start, new Int32Array(end - start - 1));
          }
        }
        expected = how === "remove" ? expected.subtract(set) : expected.union(set);
      }
      expect(union.toPageSet().equals(expected)).toBe(true);
      expect(union.pageCount).toBe(expected.pageCount);
      expect(union.countOf(asked)).toBe(expected.intersect(asked).pageCount);
      expect(union.lacking(asked).equals(asked.subtract(expected))).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test("PageUnion refuses more than it has room for", () => {
  const union = new PageUnion();
  const scattered = (count: number, start: number) =>
    PageSet.fromEdges(
      Float64Array.from({ length: count * 2 }, (_, i) => start + (i >> 1) * 40_000 + i % 2),
    );
  union.add(scattered(3_000_000, 0));
  expect(union.pageCount).toBe(3_000_000);
  expect(() => {
    union.add(scattered(3_000_000, 7));
    union.toPageSet();
  }).toThrow(/too many to be put together/);
});

test("PageUnion takes the whole address space without a bitmap of it", () => {
  const union = new PageUnion();
  union.add(PageSet.from([{ start: 1, end: PAGE_NUMBER_LIMIT }]));
  union.add(PageSet.from([{ start: 0, end: 1 }]));
  expect([...union.toPageSet().edges]).toEqual([0, PAGE_NUMBER_LIMIT]);
});

test("PageUnion.addSkipping() adds a page and those behind so many others, and returns the last", () => {
  const skips = fc.array(fc.oneof(fc.nat(200), fc.constantFrom(32_766, 32_767, 2 ** 30 - 1)));
  fc.assert(
    fc.property(edge, fc.array(skips, { minLength: 1, maxLength: 3 }), (start, batches) => {
      const union = new PageUnion();
      let [page, reported] = [start, start];
      const pages = [start];
      for (const batch of batches) {
        for (const skip of batch) pages.push(page += skip + 1);
        reported = union.addSkipping(reported, Int32Array.from(batch));
        expect(reported).toBe(page);
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
