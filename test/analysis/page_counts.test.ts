import fc from "fast-check";
import { expect, test } from "vitest";
import { CountBudget, PageCounts } from "../../lib/analysis/page_counts.ts";
import { PageSet } from "../../lib/core/page_set.ts";

test("pages are counted one by one, and reported in runs that are as long as can be", () => {
  const range = fc.record({
    start: fc.oneof(fc.nat(12), fc.integer({ min: 4090, max: 4100 }), fc.constant(2 ** 40)),
    length: fc.integer({ min: 1, max: 6 }),
  }).map(({ start, length }) => ({ start, end: start + length }));
  const set = fc.array(range, { maxLength: 4 }).map((ranges) => PageSet.from(ranges));
  fc.assert(
    fc.property(fc.array(set, { maxLength: 8 }), (sets) => {
      const counts = new PageCounts(new CountBudget());
      const expected = new Map<number, { count: number; first: number; last: number }>();
      sets.forEach((pages, moment) => {
        counts.add(pages, moment);
        for (const { start, end } of pages.runs()) {
          for (let page = start; page < end; page++) {
            const { count = 0, first = moment } = expected.get(page) ?? {};
            expected.set(page, { count: count + 1, first, last: moment });
          }
        }
      });
      const runs = [...counts.runs()];
      const found = runs.flatMap(({ start, end, ...shown }) =>
        Array.from({ length: end - start }, (_, i) => [start + i, shown] as const)
      );
      expect(found).toEqual([...expected].sort(([a], [b]) => a - b));
      runs.forEach(({ start, ...shown }, i) => {
        const { end, ...before } = { ...runs[i - 1], start: undefined };
        if (end === start) {
          expect({ ...shown, end, start: undefined }).not.toEqual({ ...before, end });
        }
      });
    }),
  );
});

test("where there is no room for each, neighbours are counted together, as the most frequent of them", () => {
  const page = fc.oneof(fc.nat(3000), fc.constantFrom(2 ** 40, 2 ** 40 + 5000));
  const set = fc.uniqueArray(page, { minLength: 1, maxLength: 60 })
    .map((pages) => PageSet.from(pages.map((start) => ({ start, end: start + 1 }))));
  fc.assert(
    fc.property(fc.array(set, { minLength: 1, maxLength: 6 }), (sets) => {
      const budget = new CountBudget(8);
      const [counts, others] = [new PageCounts(budget), new PageCounts(budget)];
      sets.forEach((pages, moment) => {
        counts.add(pages, moment);
        others.add(pages, moment);
      });
      expect(counts.blockCount + others.blockCount).toBeLessThanOrEqual(8);
      const { cellPages } = counts;
      const expected = new Map<number, number[]>();
      sets.forEach((pages, moment) => {
        for (const { start, end } of pages.runs()) {
          for (let page = start; page < end; page++) {
            const cell = Math.floor(page / cellPages);
            const moments = expected.get(cell) ?? [];
            expected.set(cell, moments.at(-1) === moment ? moments : [...moments, moment]);
          }
        }
      });
      const found = [...counts.runs()].flatMap(({ start, end, ...shown }) =>
        Array.from(
          { length: (end - start) / cellPages },
          (_, i) => [start / cellPages + i, shown] as const,
        )
      );
      const cells = [...expected].sort(([a], [b]) => a - b);
      expect(found.map(([cell]) => cell)).toEqual(cells.map(([cell]) => cell));
      for (const [i, [, { count, first, last }]] of found.entries()) {
        const [, moments] = cells[i];
        expect([first, last]).toEqual([moments[0], moments.at(-1)]);
        expect(count).toBeGreaterThanOrEqual(1);
        expect(count).toBeLessThanOrEqual(moments.length);
      }
    }),
  );
});
