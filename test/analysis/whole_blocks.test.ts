import { expect, test } from "vitest";
import { wholeBlocks } from "../../lib/analysis/whole_blocks.ts";
import { PageSet } from "../../lib/core/page_set.ts";

const blocks = (start: number, end: number, pageSizeBytes = 4096) =>
  wholeBlocks(PageSet.from([{ start, end }]), pageSizeBytes);

test("wholeBlocks() counts aligned blocks of 2 MiB that are dirty as a whole", () => {
  expect(blocks(512, 1024)).toEqual({ blockCount: 1, pageCount: 512 });
  expect(blocks(100, 2000)).toEqual({ blockCount: 2, pageCount: 1024 });
});

test("wholeBlocks() does not count 512 pages that lie across two blocks", () => {
  expect(blocks(511, 1023)).toEqual({ blockCount: 0, pageCount: 0 });
});

test("wholeBlocks() knows other page sizes", () => {
  expect(blocks(32, 96, 65536)).toEqual({ blockCount: 2, pageCount: 64 });
  expect(blocks(0, 8, 2 ** 21)).toEqual({ blockCount: 0, pageCount: 0 });
});
