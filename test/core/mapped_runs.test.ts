import fc from "fast-check";
import { expect, test } from "vitest";
import { visitMapped } from "../../lib/core/mapped_runs.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import type { Vma } from "../../lib/core/vma.ts";

const edges = fc.uniqueArray(fc.nat(300), { maxLength: 60 }).map((all) => {
  all.sort((a, b) => a - b);
  return Float64Array.from(all.slice(0, all.length & ~1));
});

test("visitMapped() visits what each mapping has of each run, ascending, and nothing else", () => {
  fc.assert(
    fc.property(edges, edges, fc.boolean(), (mapped, dirty, isTouching) => {
      // Mappings that touch are not one.
      const vmas = PageSet.fromEdges(mapped).toJSON().flatMap(([start, count]) =>
        isTouching && count > 1
          ? [{ start, end: start + 1 }, { start: start + 1, end: start + count }]
          : [{ start, end: start + count }]
      ) as unknown as Vma[];
      const pages = PageSet.fromEdges(dirty);
      const found: unknown[] = [];
      visitMapped(vmas, pages, (vma, start, end) => found.push([vma, start, end]));
      const expected = vmas.flatMap((vma) =>
        pages.within(vma.start, vma.end).toJSON().map(([start, count]) => [
          vma,
          start,
          start + count,
        ])
      );
      expect(found).toEqual(expected);
    }),
    { numRuns: 1000 },
  );
});
