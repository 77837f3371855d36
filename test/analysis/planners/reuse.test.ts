import { expect, test } from "vitest";
import { BlockBudget } from "../../../lib/analysis/page_blocks.ts";
import { LastWindows } from "../../../lib/analysis/planners/reuse.ts";
import { PageSet } from "../../../lib/core/page_set.ts";

const pages = (...starts: number[]) =>
  PageSet.from(starts.map((start) => ({ start, end: start + 1 })));

test("pages are counted by how many windows ago they were last written, with each age once", () => {
  const last = new LastWindows(new BlockBudget(), 5002);
  expect(last.next(pages(1, 2, 900))).toEqual({ pageCount: 3, ages: [], counts: [] });
  expect(last.next(pages(2))).toEqual({ pageCount: 1, ages: [1], counts: [1] });
  expect(last.next(PageSet.empty)).toEqual({ pageCount: 0, ages: [], counts: [] });
  expect(last.next(pages(1, 2, 3, 900))).toEqual({ pageCount: 4, ages: [3, 2], counts: [2, 1] });
  for (let i = 0; i < 5000; i++) last.next(PageSet.empty);
  expect(last.next(pages(1, 3, 4))).toEqual({ pageCount: 3, ages: [5001], counts: [2] });
  expect(last.next(pages(1, 900))).toEqual({ pageCount: 2, ages: [1, 5002], counts: [1, 1] });
});

test("more memory than there may be is refused, with what to do about it", () => {
  const vast = PageSet.from([{ start: 0, end: 2 ** 50 }]);
  expect(() => new LastWindows(new BlockBudget(), 1).next(vast)).toThrow(
    /too many to look at each. Narrow the snapshots/,
  );
});
