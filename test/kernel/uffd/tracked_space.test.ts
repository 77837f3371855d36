import { expect, test } from "vitest";
import type { PageSet } from "../../../lib/core/page_set.ts";
import { CATEGORY, type PagemapScan } from "../../../lib/kernel/pagemap/pagemap_scan.ts";
import type { Regions } from "../../../lib/kernel/pagemap/regions.ts";
import { TrackedSpace } from "../../../lib/kernel/uffd/tracked_space.ts";
import type { Userfaultfd } from "../../../lib/kernel/inject/userfaultfd.ts";
import { snapshot } from "../../helpers/drawn_snapshot.ts";

const { wpAllowed, present, swapped } = CATEGORY;

/** Mappings that are all registered; a scan reports their existing pages as they are drawn. */
class DrawnScan {
  drawing = snapshot("0x10 rw-p - pp\n0x20 rw-p - pp");

  scan(
    _: number,
    start: number,
    end: number,
    query: { categoryInverted?: number },
    found: Regions,
  ): void {
    if (query.categoryInverted === wpAllowed) return;
    const { pages } = this.drawing;
    for (const [set, category] of [[pages.present, present], [pages.swapped, swapped]] as const) {
      for (const run of set.runs()) {
        const from = Math.max(run.start, start);
        const to = Math.min(run.end, end);
        if (from < to) found.addRegions(Uint32Array.of(from, 0, to, 0, category, 0), 1, 1);
      }
    }
  }

  scanAll(_: number, pages: PageSet, query: { categoryInverted?: number }, found: Regions): void {
    for (const { start, end } of pages.runs()) this.scan(_, start, end, query, found);
  }

  protect(): void {}
}

const runsOf = (set: PageSet) => [...set.runs()].map(({ start, end }) => [start, end]);

test("what a mapping grew by in place was never protected, until it is", () => {
  const scan = new DrawnScan();
  const noFile = { register: () => undefined, close() {} } as unknown as Userfaultfd;
  const space = new TrackedSpace(noFile, scan as unknown as PagemapScan, false, 4096);
  space.protect(0, scan.drawing.mapped);
  expect(space.unprotected(0, snapshot("0x10 rw-p - pp").mapped).pages.isEmpty).toBe(true);

  scan.drawing = snapshot("0x0e rw-p - .ppps\n0x20 rw-p - pp");
  const { mapped } = scan.drawing;
  const found = space.unprotected(0, mapped);
  expect(runsOf(found.pages)).toEqual([[0x0e, 0x10], [0x12, 0x13]]);
  expect(runsOf(found.present)).toEqual([[0x0f, 0x10]]);
  expect(runsOf(found.swapped)).toEqual([[0x12, 0x13]]);

  space.written(0, mapped, false);
  expect(space.unprotected(0, mapped).pages.isEmpty).toBe(false);
  space.written(0, mapped, true);
  expect(space.unprotected(0, mapped).pages.isEmpty).toBe(true);
});
