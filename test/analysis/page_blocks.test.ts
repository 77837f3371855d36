import fc from "fast-check";
import { expect, test } from "vitest";
import { BlockBudget, PageNumbers } from "../../lib/analysis/page_blocks.ts";
import { PageSet } from "../../lib/core/page_set.ts";

test("each page has a number of its own, however pages are scattered", () => {
  const start = fc.oneof(fc.nat(100), fc.nat(200_000), fc.integer({ min: 2 ** 40, max: 2 ** 41 }));
  const run = fc.record({ start, length: fc.integer({ min: 1, max: 70 }) })
    .map(({ start, length }) => ({ start, end: start + length }));
  const set = fc.array(run, { maxLength: 200 }).map((runs) => PageSet.from(runs));
  fc.assert(
    fc.property(fc.array(set, { maxLength: 4 }), (sets) => {
      const numbers = new PageNumbers(new BlockBudget());
      const expected = new Map<number, number>();
      sets.forEach((pages, i) => {
        const found: number[] = [];
        numbers.visit(pages, (array, from, to) => {
          for (let at = from; at < to; at++) {
            found.push(array[at]);
            array[at] += i + 1;
          }
        });
        const all = [...pages.runs()].flatMap(({ start, pageCount }) =>
          Array.from({ length: pageCount }, (_, page) => start + page)
        );
        expect(found).toEqual(all.map((page) => expected.get(page) ?? 0));
        for (const page of all) expected.set(page, (expected.get(page) ?? 0) + i + 1);
      });
    }),
  );
});

test("four million scattered pages have room, in all processes together", () => {
  const budget = new BlockBudget();
  const [a, b] = [new PageNumbers(budget), new PageNumbers(budget)];
  const scattered = (count: number) =>
    PageSet.fromAscending(
      Float64Array.from({ length: count * 2 }, (_, i) => (i >> 1) * 300 + i % 2),
    );
  const set = (numbers: Uint32Array, from: number) => numbers[from] = 7;
  a.visit(scattered(1_000_000), set);
  a.visit(scattered(4_000_000), set);
  b.visit(scattered(194_304), set);
  expect(() => b.visit(scattered(194_305), set)).toThrow(/too many to look at each/);
  const found = new Set<number>();
  a.visit(scattered(1_000_000), (numbers, from) => found.add(numbers[from]));
  expect([...found]).toEqual([7]);
});

test("thousands of processes with a few scattered pages each have room", () => {
  const budget = new BlockBudget();
  const pages = PageSet.fromAscending(
    Float64Array.from({ length: 600 }, (_, i) => (i >> 1) * 300 + i % 2),
  );
  const all = Array.from({ length: 2000 }, () => new PageNumbers(budget));
  all.forEach((one, i) => one.visit(pages, (numbers, from) => numbers[from] = i));
  let wrongCount = 0;
  all.forEach((one, i) =>
    one.visit(pages, (numbers, from) => {
      if (numbers[from] !== i) wrongCount++;
    })
  );
  expect(wrongCount).toBe(0);
});
