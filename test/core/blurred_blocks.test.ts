import { expect, test } from "vitest";
import fc from "fast-check";
import { blurredBlocks } from "../../lib/core/blurred_blocks.ts";
import { leastWritten } from "../../lib/core/least_written.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { type PageFlag, UNKNOWN_CONDITIONS } from "../../lib/core/snapshot.ts";
import { snapshot } from "../helpers/drawn_snapshot.ts";

const runs = (set: PageSet) => [...set.runs()].map(({ start, end }) => [start, end]);

/** Pages from 0x200 on that are dirty and exist, in one mapping. */
function dirty(
  ranges: readonly (readonly [start: number, end: number])[],
  fields: {
    folioPages?: number[];
    perms?: string;
    huge?: boolean;
    tracker?: "uffd-wp";
    readBy?: "pagemap-scan";
  } = {},
) {
  const { folioPages = [], perms = "rw-p", huge, ...rest } = fields;
  const drawn = snapshot(`0x200 ${perms} - ${"p".repeat(2048)}`);
  const set = PageSet.from(ranges.map(([start, end]) => ({ start, end })));
  return snapshot(`0x200 ${perms} - ${"p".repeat(2048)}`, {
    pages: { ...drawn.pages, dirty: set, huge: huge ? set : PageSet.empty },
    known: huge === undefined ? drawn.known : [...drawn.known, "huge"] as PageFlag[],
    conditions: { ...UNKNOWN_CONDITIONS, folioPages },
    ...rest,
  });
}

test("an aligned 2 MiB that is dirty as a whole can be one write", () => {
  const one = dirty([[0x200, 0x400], [0x410, 0x412]]);
  expect(blurredBlocks(one).map(({ blockPages, pages }) => [blockPages, runs(pages)]))
    .toEqual([[512, [[0x200, 0x400]]]]);
  expect(runs(leastWritten(one).dirty)).toEqual([[0x200, 0x201], [0x410, 0x412]]);
});

test("where the kernel reports huge pages, no others are taken for such", () => {
  const ioctl = { readBy: "pagemap-scan" } as const;
  expect(blurredBlocks(dirty([[0x200, 0x400]], { ...ioctl, huge: false }))).toEqual([]);
  expect(blurredBlocks(dirty([[0x200, 0x400]], { ...ioctl, huge: true }))).toHaveLength(1);
});

test("where smaps reported the huge pages of one read only, others can have been split", () => {
  const [block] = blurredBlocks(dirty([[0x200, 0x400]], { huge: false }));
  expect([block.leastPages, runs(block.pages)]).toEqual([0, [[0x200, 0x400]]]);
  expect(blurredBlocks(dirty([[0x200, 0x400]], { huge: false, perms: "rw-s" }))).toEqual([]);
});

test("folios count from the largest size down, and only where the kernel allocates them", () => {
  const one = dirty([[0x410, 0x430], [0x442, 0x448]], { folioPages: [4, 16] });
  expect(blurredBlocks(one).map(({ blockPages, pages }) => [blockPages, runs(pages)])).toEqual([
    [16, [[0x410, 0x430]]],
    [4, [[0x444, 0x448]]],
  ]);
  expect(runs(leastWritten(one).dirty))
    .toEqual([[0x410, 0x411], [0x420, 0x421], [0x442, 0x445]]);
  expect(blurredBlocks(dirty([[0x410, 0x430]]))).toEqual([]);
});

test("with uffd-wp only shared memory is reported by huge pages", () => {
  const uffd = { tracker: "uffd-wp", folioPages: [16] } as const;
  expect(blurredBlocks(dirty([[0x200, 0x400]], { ...uffd, folioPages: [16] }))).toEqual([]);
  expect(blurredBlocks(dirty([[0x200, 0x400]], { ...uffd, folioPages: [16], perms: "rw-s" })))
    .toHaveLength(1);
});

test("with uffd-wp hugetlb memory is reported by huge pages, private memory too", () => {
  const drawn = (inode: string, known: readonly PageFlag[], huge: PageSet) => {
    const text = `0x200 rw-p - ${"D".repeat(1024)}`;
    const { pages, known: others, vmas } = snapshot(text);
    return snapshot(text, {
      tracker: "uffd-wp",
      vmas: vmas.map((vma) => ({ ...vma, inode })),
      pages: { ...pages, huge },
      known: [...others, ...known],
    });
  };
  const second = PageSet.from([{ start: 0x400, end: 0x600 }]);
  expect(blurredBlocks(drawn("0", [], PageSet.empty))).toEqual([]);
  const undecided = drawn("7", [], PageSet.empty);
  expect(blurredBlocks(undecided).map(({ leastPages, pages }) => [leastPages, runs(pages)]))
    .toEqual([[1, [[0x200, 0x600]]]]);
  expect(runs(leastWritten(undecided).dirty)).toEqual([[0x200, 0x201], [0x400, 0x401]]);
  const decided = drawn("7", ["huge"], second);
  expect(blurredBlocks(decided).map(({ pages }) => runs(pages))).toEqual([[[0x400, 0x600]]]);
});

test("a huge page that was split can be reported without a write", () => {
  const { pages, ...fields } = dirty([[0x200, 0x410]], { huge: false });
  const one = snapshot(`0x200 rw-p - ${"p".repeat(2048)}`, {
    ...fields,
    pages: { ...pages, split: PageSet.from([{ start: 0x200, end: 0x400 }]) },
  });
  expect(blurredBlocks(one).map(({ leastPages, pages }) => [leastPages, runs(pages)]))
    .toEqual([[0, [[0x200, 0x400]]]]);
  expect(runs(leastWritten(one).dirty)).toEqual([[0x400, 0x410]]);
});

test("with uffd-wp a whole block of shared memory that is out of the page table was split", () => {
  const fields = { tracker: "uffd-wp", perms: "rw-s", huge: false } as const;
  const { pages, ...rest } = dirty([[0x200, 0x600]], fields);
  const one = snapshot(`0x200 rw-s - ${"p".repeat(2048)}`, {
    ...rest,
    pages: { ...pages, present: PageSet.from([{ start: 0x400, end: 0xa00 }]) },
  });
  expect(blurredBlocks(one).map(({ leastPages, pages }) => [leastPages, runs(pages)]))
    .toEqual([[0, [[0x200, 0x400]]]]);
  expect(runs(leastWritten(one).dirty)).toEqual([[0x400, 0x600]]);
  // It can be reclaimed as well: then it was written.
  expect(one.dirtyPopulated.pageCount).toBe(1024);
  expect(one.populated.pageCount).toBe(2048);
});

test("the least is a part of what was reported, with a page of each block at least", () => {
  const range = fc.tuple(fc.integer({ min: 0x200, max: 0x9ff }), fc.integer({ min: 1, max: 900 }))
    .map(([start, length]) => [start, Math.min(start + length, 0xa00)] as const);
  fc.assert(fc.property(fc.array(range, { maxLength: 6 }), (ranges) => {
    const one = dirty(ranges, { folioPages: [16] });
    const least = leastWritten(one).dirty;
    expect(least.subtract(one.dirty).isEmpty).toBe(true);
    for (const { blockPages, pages } of blurredBlocks(one)) {
      expect(least.intersect(pages).pageCount).toBe(pages.pageCount / blockPages);
    }
    expect(leastWritten(leastWritten(one)).dirty.equals(least)).toBe(true);
  }));
});
