import fc from "fast-check";
import { expect, test } from "vitest";
import { CountBudget, PageCounts } from "../../lib/analysis/page_counts.ts";
import { PageSet } from "../../lib/core/page_set.ts";

test("pages are counted one by one, and told in runs that are as long as can be", () => {
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
      const found = runs.flatMap(({ start, end, ...told }) =>
        Array.from({ length: end - start }, (_, i) => [start + i, told] as const)
      );
      expect(found).toEqual([...expected].sort(([a], [b]) => a - b));
      runs.forEach(({ start, ...told }, i) => {
        const { end, ...before } = { ...runs[i - 1], start: undefined };
        if (end === start) {
          expect({ ...told, end, start: undefined }).not.toEqual({ ...before, end });
        }
      });
    }),
  );
});
