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

test("PageUnion takes the whole address space without a bitmap of it", () => {
  const union = new PageUnion();
  union.add(PageSet.from([{ start: 1, end: PAGE_NUMBER_LIMIT }]));
  union.add(PageSet.from([{ start: 0, end: 1 }]));
  expect([...union.toPageSet().edges]).toEqual([0, PAGE_NUMBER_LIMIT]);
});
