import fc from "fast-check";
import { expect, test } from "vitest";
import { isFew, partsOfFew } from "../../lib/core/few_runs.ts";
import { DIFFERENCE, INTERSECTION, merge } from "../../lib/core/merge_edges.ts";
import { PageSet } from "../../lib/core/page_set.ts";

/** Ascending edges, an even number of them, of pages that often coincide. */
const edges = (minRuns: number, maxRuns: number, step: number) =>
  fc.array(fc.integer({ min: 1, max: step }), { minLength: 2 * minRuns, maxLength: 2 * maxRuns })
    .filter((steps) => steps.length % 2 === 0)
    .map((steps) => {
      let page = -1;
      return Float64Array.from(steps, (step) => page += step);
    });
const few = edges(1, 3, 60);
const many = edges(40, 60, 3);

test("what lies within many runs, and what lies outside, is that of a walk over both", () => {
  let isUsed = false;
  fc.assert(
    fc.property(few, many, (few, many) => {
      expect([...partsOfFew(few, many, true)]).toEqual([...merge(few, many, INTERSECTION)]);
      expect([...partsOfFew(few, many, false)]).toEqual([...merge(few, many, DIFFERENCE)]);
      isUsed ||= isFew(few, many);
      const [a, b] = [few, many].map((edges) => PageSet.fromEdges(edges));
      expect([...a.intersect(b).edges]).toEqual([...merge(few, many, INTERSECTION)]);
      expect([...b.intersect(a).edges]).toEqual([...merge(few, many, INTERSECTION)]);
      expect([...a.subtract(b).edges]).toEqual([...merge(few, many, DIFFERENCE)]);
      expect([...b.subtract(a).edges]).toEqual([...merge(many, few, DIFFERENCE)]);
    }),
    { numRuns: 2000 },
  );
  expect(isUsed).toBe(true);
});

test("a set that lies in another as a whole is itself what lies in it", () => {
  const all = PageSet.fromEdges(
    Float64Array.from({ length: 200 }, (_, i) => 10 * (i >> 1) + i % 2 * 5),
  );
  const one = PageSet.from([{ start: 11, end: 13 }]);
  expect(one.intersect(all)).toBe(one);
  expect(all.intersect(one)).toBe(one);
  expect(one.subtract(all)).toBe(PageSet.empty);
});
