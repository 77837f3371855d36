import fc from "fast-check";
import { expect, test } from "vitest";
import { BlockBudget } from "../../../lib/analysis/page_blocks.ts";
import { Recency } from "../../../lib/analysis/planners/recency.ts";
import { LastWindows } from "../../../lib/analysis/planners/reuse.ts";
import { PageSet } from "../../../lib/core/page_set.ts";

const set = fc.array(fc.nat(40))
  .map((pages) => PageSet.from(pages.map((start) => ({ start, end: start + 1 }))));
const chance = fc.double({ min: 0, max: 1, noNaN: true });

/** Follows windows, given the pages of each. */
function follow(windowCount = 10) {
  const [recency, pages] = [
    new Recency(windowCount),
    new LastWindows(new BlockBudget(), windowCount),
  ];
  return { recency, next: (set: PageSet) => recency.next(pages.next(set)) };
}

/** The same, page by page. */
function expectedPages(sets: readonly PageSet[], first: number, a: number, b: number): number {
  const last = sets.length - 1;
  let sum = 0;
  for (let page = 0; page <= 40; page++) {
    const isIn = (window: number) => sets[window].has(page);
    let missed = 1;
    for (let window = first; window <= last; window++) {
      if (!isIn(window)) continue;
      missed *= window === last ? 1 - b : window === first ? 1 - a : 0;
    }
    sum += 1 - missed;
  }
  return sum;
}

test("pages written since a window are counted as counting page by page does", () => {
  fc.assert(fc.property(fc.array(set, { minLength: 1, maxLength: 8 }), chance, chance, (
    sets,
    a,
    b,
  ) => {
    const { recency, next } = follow();
    for (const [i, pages] of sets.entries()) {
      next(pages);
      expect(recency.index).toBe(i);
      for (let first = 0; first <= i; first++) {
        expect(recency.written(first, a, b)).toBeCloseTo(
          expectedPages(sets.slice(0, i + 1), first, a, b),
          9,
        );
      }
    }
  }));
});

test("thousands of windows are kept apart, and pages written again are counted once", () => {
  const { recency, next } = follow(1000);
  for (let i = 0; i < 3000; i++) next(PageSet.from([{ start: i % 50, end: i % 50 + 1 }]));
  expect(recency.written(2990, 1, 1)).toBe(10);
  expect(recency.written(2000, 1, 1)).toBe(50);
});

test("a page of two cut windows counts with the chance of being written in either", () => {
  const { recency, next } = follow();
  const page = PageSet.from([{ start: 7, end: 8 }]);
  next(page);
  next(page);
  expect(recency.written(0, 0.5, 0.5)).toBe(0.75);
});

test("of windows that repeat, the latest are counted right, no matter how many preceded them", () => {
  fc.assert(fc.property(fc.array(set, { minLength: 1, maxLength: 6 }), chance, chance, (
    sets,
    a,
    b,
  ) => {
    const { recency, next } = follow(sets.length);
    const passes = Array(5).fill(sets).flat() as PageSet[];
    for (const [i, pages] of passes.entries()) {
      next(pages);
      for (let first = Math.max(0, i - sets.length); first <= i; first++) {
        expect(recency.written(first, a, b)).toBeCloseTo(
          expectedPages(passes.slice(0, i + 1), first, a, b),
          9,
        );
      }
    }
  }));
});
