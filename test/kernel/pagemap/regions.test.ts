import fc from "fast-check";
import { expect, test } from "vitest";
import { PageSet } from "../../../lib/core/page_set.ts";
import { Regions } from "../../../lib/kernel/pagemap/regions.ts";

const PAGE_BYTES = 4096;

interface Region {
  readonly start: number;
  readonly end: number;
  readonly categories: number;
}

/** The words of the kernel's `struct page_region`. */
function words(regions: readonly Region[]): Uint32Array {
  return new Uint32Array(
    BigUint64Array.from(
      regions.flatMap(({ start, end, categories }) => [
        BigInt(start) * BigInt(PAGE_BYTES),
        BigInt(end) * BigInt(PAGE_BYTES),
        BigInt(categories),
      ]),
    ).buffer,
  );
}

/** Regions as the kernel lists them: ascending, some cut in two, of few kinds. */
const drawnRegions = fc.record({
  first: fc.nat(2 ** 36),
  kinds: fc.integer({ min: 1, max: 4 }),
  steps: fc.array(
    fc.record({
      gap: fc.nat(2),
      length: fc.integer({ min: 1, max: 3 }),
      categories: fc.nat(3),
    }),
    { maxLength: 40 },
  ),
}).map(({ first, kinds, steps }) => {
  let at = first;
  return steps.map(({ gap, length, categories }): Region => {
    const start = at + gap;
    at = start + length;
    return { start, end: at, categories: categories % kinds };
  });
});

test("regions that were added in pieces give the pages that have a category", () => {
  fc.assert(
    fc.property(
      drawnRegions,
      fc.nat(40),
      fc.nat(3),
      fc.nat(3),
      (regions, cut, wanted, unwanted) => {
        fc.pre((wanted & unwanted) === 0);
        const found = new Regions();
        for (const piece of [regions.slice(0, cut), regions.slice(cut)]) {
          found.addRegions(words(piece), piece.length, PAGE_BYTES);
        }
        const fitting = regions.filter(({ categories }) =>
          (categories & wanted) === wanted && (categories & unwanted) === 0
        );
        const pages = found.pagesWith(wanted, unwanted);
        expect(pages.toJSON()).toEqual(PageSet.from(fitting).toJSON());
        expect(found.end).toBe(regions.at(-1)?.end ?? 0);
      },
    ),
  );
});

test("after a reset, nothing of what was found before is left", () => {
  const found = new Regions();
  found.addRegions(words([{ start: 1, end: 2, categories: 1 }]), 1, PAGE_BYTES);
  found.reset();
  expect(found.length).toBe(0);
  expect(found.pagesWith(1).isEmpty).toBe(true);
  found.addRegions(words([{ start: 5, end: 6, categories: 2 }]), 1, PAGE_BYTES);
  expect(found.pagesWith(2).toJSON()).toEqual([[5, 1]]);
  expect(found.pagesWith(1).isEmpty).toBe(true);
});
