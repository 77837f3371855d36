import { expect, test } from "vitest";
import { PageSet } from "../../lib/core/page_set.ts";
import { hugePageCount, wholeHugeBlocks } from "../../lib/core/whole_blocks.ts";

const blocks = (start: number, end: number, pageSizeBytes = 4096) => [
  ...wholeHugeBlocks(PageSet.from([{ start, end }]), pageSizeBytes).edges,
];

test("wholeHugeBlocks() finds aligned blocks of 2 MiB that are dirty as a whole", () => {
  expect(blocks(512, 1024)).toEqual([512, 1024]);
  expect(blocks(100, 2000)).toEqual([512, 1536]);
});

test("wholeHugeBlocks() does not take 512 pages that lie across two blocks", () => {
  expect(blocks(511, 1023)).toEqual([]);
});

test("wholeHugeBlocks() knows other page sizes", () => {
  expect(blocks(32, 96, 65536)).toEqual([32, 96]);
  expect(blocks(0, 8, 2 ** 21)).toEqual([]);
});

test("hugePageCount() counts the huge pages that pages are in", () => {
  expect([0, 512, 1024].map((pages) => hugePageCount(pages, 4096))).toEqual([0, 1, 2]);
});
