import fc from "fast-check";
import { expect, test } from "vitest";
import { Span } from "../../../lib/analysis/planners/span.ts";
import { PageSet } from "../../../lib/core/page_set.ts";

const set = fc.array(fc.nat(60), { minLength: 1 })
  .map((pages) => PageSet.from(pages.map((start) => ({ start, end: start + 1 }))));
const share = fc.double({ min: 0, max: 0.99, noNaN: true });

test("whole windows are united exactly, of the pages that are asked for", () => {
  fc.assert(fc.property(fc.array(set), set, (sets, of) => {
    const span = new Span();
    for (const pages of sets) span.add(pages, 1);
    const union = sets.reduce((all, pages) => all.union(pages), PageSet.empty);
    expect(span.pageCounts(of, [0, 0.3, 1])).toEqual(Array(3).fill(union.intersect(of).pageCount));
  }));
});

test("a window that is cut adds no less than nothing and no more than it has", () => {
  fc.assert(fc.property(set, set, set, share, fc.double({ min: 0, max: 1, noNaN: true }), (
    whole,
    cut,
    of,
    share,
    growth,
  ) => {
    const span = new Span();
    span.add(whole, 1);
    span.add(cut, share);
    const [most, some, least] = span.pageCounts(of, [0, growth, 1]);
    expect(least).toBeGreaterThanOrEqual(whole.intersect(of).pageCount);
    expect(some).toBeGreaterThanOrEqual(least);
    expect(most).toBeGreaterThanOrEqual(some);
    expect(most).toBeLessThanOrEqual(whole.union(cut).intersect(of).pageCount);
  }));
});
