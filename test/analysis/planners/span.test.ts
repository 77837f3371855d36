import fc from "fast-check";
import { expect, test } from "vitest";
import { Span } from "../../../lib/analysis/planners/span.ts";
import { PageSet } from "../../../lib/core/page_set.ts";

const set = fc.array(fc.nat(60), { minLength: 1 })
  .map((pages) => PageSet.from(pages.map((start) => ({ start, end: start + 1 }))));
const share = fc.double({ min: 0, max: 1, noNaN: true });

test("whole windows are united exactly", () => {
  fc.assert(fc.property(fc.array(set), share, (sets, growth) => {
    const span = new Span();
    for (const pages of sets) span.add(pages, 1);
    const union = sets.reduce((all, pages) => all.union(pages), PageSet.empty);
    expect(span.pageCount(growth)).toBe(union.pageCount);
  }));
});

test("windows that are cut add no less than nothing and no more than they have", () => {
  fc.assert(fc.property(set, set, set, share, share, share, (a, b, c, first, last, growth) => {
    const span = new Span();
    span.add(a, first);
    span.add(b, 1);
    span.add(c, last);
    const count = span.pageCount(growth);
    expect(count).toBeGreaterThanOrEqual(b.pageCount - 1e-9);
    expect(count).toBeLessThanOrEqual(a.union(b).union(c).pageCount + 1e-9);
    // The faster new pages come at first, the more there are in a part.
    expect(span.pageCount(0)).toBeGreaterThanOrEqual(count - 1e-9);
    expect(span.pageCount(1)).toBeLessThanOrEqual(count + 1e-9);
  }));
});

test("a page of two cut windows counts with the chance of being written in either", () => {
  const span = new Span();
  const page = PageSet.from([{ start: 7, end: 8 }]);
  span.add(page, 0.5);
  span.add(page, 0.5);
  expect(span.pageCount(1)).toBe(0.75);
  expect(span.pageCount(1, PageSet.empty)).toBe(0);
});
