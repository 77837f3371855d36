import { expect, test } from "vitest";
import { PageSet } from "../../../lib/core/page_set.ts";
import type { Vma } from "../../../lib/core/vma.ts";
import type { PageReader, ProcessView } from "../../../lib/kernel/pagemap/page_reader.ts";
import { PinnedPages } from "../../../lib/kernel/unseen/pinned_pages.ts";
import type { PinFinder } from "../../../lib/kernel/unseen/pins.ts";

const pages = (...indices: readonly number[]) =>
  PageSet.from(indices.map((start) => ({ start, end: start + 1 })));
const vma = (start: number, end: number, perms: string): Vma => {
  return { start, end, perms, offsetPages: 0, device: "00:00", inode: "0", name: "" };
};
const VIEW = {
  pid: 42,
  vmas: [vma(0, 10, "rw-p"), vma(10, 20, "rw-s"), vma(20, 30, "r--p")],
} as unknown as ProcessView;

/**
 * A process of which these pages are dirty right after each clear in turn; the last set repeats.
 */
function kernel(
  left: readonly PageSet[],
  { isStill = false, registered = PageSet.empty, mayBeMore = true } = {},
) {
  let clears = 1;
  let looks = 0;
  let nowNs = 0;
  const reader = {
    dirtyIn(_view: ProcessView, candidates: PageSet) {
      looks++;
      return left[Math.min(clears, left.length) - 1].intersect(candidates);
    },
  } as unknown as PageReader;
  const pins = {
    of: () => ({ registered, mayBeMore, pinnedPages: registered.pageCount }),
  } as unknown as PinFinder;
  const pinned = new PinnedPages(reader, pins, () => nowNs, isStill);
  return {
    look() {
      nowNs += 1e9;
      pinned.look(VIEW, () => clears++);
    },
    clear: () => clears++,
    get pinned() {
      return [...pinned.of(42, VIEW.vmas).pages.edges];
    },
    get counts() {
      return { clears, looks };
    },
  };
}

test("a page that is dirty after each of three clears is pinned; one that was written just then is not", () => {
  const process = kernel([pages(1, 2, 5), pages(1, 2), pages(1)]);
  process.look();
  expect(process.pinned).toEqual([1, 2]);
  expect(process.counts).toEqual({ clears: 3, looks: 3 });
});

test("one look is enough at a process that is stopped", () => {
  const process = kernel([pages(1, 2)], { isStill: true });
  process.look();
  expect(process.pinned).toEqual([1, 3]);
  expect(process.counts).toEqual({ clears: 1, looks: 1 });
});

test("what is given back is tracked again from the next clear on", () => {
  const process = kernel([pages(1, 2), pages(1, 2), pages(1, 2), pages(2)]);
  process.look();
  process.clear();
  process.look();
  expect(process.pinned).toEqual([2, 3]);
});

test("shared memory is cleared, pinned or not, and what cannot be written is not looked at", () => {
  const process = kernel([pages(1, 11, 21)], { isStill: true });
  process.look();
  expect(process.pinned).toEqual([1, 2]);
});

test("buffers that the kernel lists are pinned before any clear found them so, and nothing else is", () => {
  const process = kernel([pages(1, 5)], { registered: pages(4, 5, 12), mayBeMore: false });
  // 12 is shared: cleared like others, and written by devices.
  expect(process.pinned).toEqual([4, 6, 12, 13]);
  process.look();
  expect(process.pinned).toEqual([4, 6, 12, 13]);
  expect(process.counts).toEqual({ clears: 1, looks: 1 });
});

test("a process that pins nothing is not looked at", () => {
  const process = kernel([pages(1)], { mayBeMore: false });
  process.look();
  expect(process.pinned).toEqual([]);
  expect(process.counts.looks).toBe(0);
});
