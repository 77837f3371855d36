/**
 * The union of many page sets, in time nearly linear in their runs: bitmaps where pages lie close
 * together, and runs elsewhere, so that neither scattered pages nor vast ranges take much memory.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { PageSet } from "./page_set.ts";
 * import { PageUnion } from "./page_union.ts";
 *
 * const union = new PageUnion();
 * union.add(PageSet.from([{ start: 3, end: 5 }]));
 * union.add(PageSet.from([{ start: 4, end: 2 ** 40 }]));
 * assert.deepEqual(union.toPageSet().toJSON(), [[3, 2 ** 40 - 3]]);
 * ```
 *
 * @module
 */

import { clear, countBits, fill, setBit } from "./bits.ts";
import { SoftdirtyError } from "./errors.ts";
import { PAGE_NUMBER_LIMIT, type PageNumber, PageSet } from "./page_set.ts";
import { partitionPoint } from "./partition_point.ts";

/** 32,768 pages: a bitmap of 4 KiB. */
const BLOCK_PAGES = 1 << 15;
const BLOCK_WORDS = BLOCK_PAGES / 32;

/** So many runs of one set within a block get a bitmap; fewer take less memory as runs. */
const DENSE_RUNS = 32;
/** So many runs of all sets do, as much memory as a bitmap. */
const FULL_RUNS = 256;
/** Sets that wait to be united with the other runs: these, and one more for each 64 runs. */
const MOST_WAITING = 8;
const RUNS_FOR_ONE_MORE = 64;

/** 64 MiB of bitmaps, and as much of runs: pages that lie more scattered are not united. */
const MOST_BLOCKS = 1 << 14;
const MOST_RUNS = 1 << 22;

/** With more bitmaps than this, those of few runs are made runs again. */
const FIRST_COMPACTION = 1 << 10;

/** Of a union that has no bitmap yet: of hundreds of thousands, most never have one. */
const NO_BLOCKS: Map<number, Int32Array> = new Map();

/** Collects pages. */
export class PageUnion {
  #blocks = NO_BLOCKS;
  /** Runs; some of their pages may be in bitmaps as well. */
  #runs = PageSet.empty;
  /** Runs that are not yet united with those. */
  #waiting: PageSet[] = [];
  #waitingRuns = 0;
  /** The numbers of all blocks, ascending; undefined while they are not known. */
  #numbers: readonly number[] | undefined;
  #compactAt = FIRST_COMPACTION;
  #lastNumber = -1;
  #last: Int32Array = new Int32Array(0);

  /**
   * Adds the pages of a set.
   *
   * @throws SoftdirtyError if it would take more memory than there may be; as other methods do.
   */
  add(pages: PageSet): void {
    const { edges } = pages;
    let number = this.#lastNumber;
    let first = number * BLOCK_PAGES;
    let block = this.#last;
    // Runs that lie in no bitmap: all before `i`, until one does. Then those are copied.
    let loose: Float64Array | undefined;
    let looseLength = 0;
    const leaveOut = (i: number) => {
      loose = new Float64Array(edges.length);
      loose.set(edges.subarray(0, looseLength = i));
    };
    for (let i = 0; i < edges.length;) {
      const start = edges[i];
      const end = edges[i + 1];
      if (start >= first && end <= first + BLOCK_PAGES && number >= 0) {
        if (loose === undefined) leaveOut(i);
        const from = start - first | 0;
        if (end - start === 1) setBit(block, from);
        else fill(block, from, end - first | 0);
        i += 2;
        continue;
      }
      const other = Math.floor(start / BLOCK_PAGES);
      const limit = (other + 1) * BLOCK_PAGES;
      // The runs that lie in the same block, and at least this one.
      let to = i + 2;
      if (end <= limit) {
        while (to < edges.length && edges[to + 1] <= limit) to += 2;
        const found = this.#blocks.get(other);
        if (found !== undefined || to - i >= DENSE_RUNS * 2) {
          [number, first, block] = [other, other * BLOCK_PAGES, found ?? this.#block(other)];
          continue;
        }
      }
      loose?.set(edges.subarray(i, to), looseLength);
      looseLength += to - i;
      i = to;
    }
    this.#lastNumber = number;
    this.#last = block;
    if (loose === undefined) this.#addRuns(pages);
    else if (looseLength > 0) this.#addRuns(PageSet.fromAscending(loose.slice(0, looseLength)));
  }

  /**
   * Adds the page that lies behind `skip` pages after another one.
   *
   * @returns that page
   * @throws RangeError if it is out of the address space.
   */
  addAfter(page: PageNumber, skip: number): PageNumber {
    const next = page + skip + 1;
    if (!(next < PAGE_NUMBER_LIMIT)) throw new RangeError(`There is no page ${next}`);
    const number = Math.floor(next / BLOCK_PAGES);
    setBit(this.#block(number), next - number * BLOCK_PAGES);
    return next;
  }

  /**
   * Adds a page, and does {@linkcode addAfter} for each of some numbers below 2^30, from page to page.
   *
   * @returns the last page
   * @throws RangeError if one is out of the address space.
   */
  addSkipping(page: PageNumber, skips: Int32Array): PageNumber {
    let first = Math.floor(page / BLOCK_PAGES) * BLOCK_PAGES;
    let within = page - first | 0;
    for (let i = 0;;) {
      if (first >= PAGE_NUMBER_LIMIT) throw new RangeError(`There is no page ${first + within}`);
      // What does not change in the inner loop is looked at once: that makes it a third faster.
      const block = this.#block(first / BLOCK_PAGES);
      while (within < BLOCK_PAGES) {
        setBit(block, within);
        if (i === skips.length) return first + within;
        within = within + skips[i++] + 1 | 0;
      }
      first += within - within % BLOCK_PAGES;
      within %= BLOCK_PAGES;
    }
  }

  /** Takes the pages of a set away. */
  remove(pages: PageSet): void {
    this.#unite();
    this.#runs = this.#runs.subtract(pages);
    this.#visit(pages, clear);
  }

  /** How many pages of a set are in the union; makes no set of it. */
  countOf(pages: PageSet): number {
    if (pages.isEmpty) return 0;
    this.#unite();
    const { edges } = pages;
    const near = this.#runs.within(edges[0], edges[edges.length - 1]);
    const rest = pages.subtract(near);
    let count = pages.pageCount - rest.pageCount;
    this.#visit(rest, (block, from, to) => count += countBits(block, from, to));
    return count;
  }

  /** The pages of a set that the union lacks. */
  lacking(pages: PageSet): PageSet {
    if (pages.isEmpty) return pages;
    this.#unite();
    const { edges } = pages;
    const rest = pages.subtract(this.#runs.within(edges[0], edges[edges.length - 1]));
    const found: number[] = [];
    this.#visit(rest, (block, from, to, first) => appendRuns(found, block, first, from, to));
    return rest.subtract(PageSet.fromEdges(Float64Array.from(found)));
  }

  /** How many pages are in the union; makes no set of it. */
  get pageCount(): number {
    this.#unite();
    let count = this.#runs.pageCount;
    for (const [number, block] of this.#blocks) {
      const first = number * BLOCK_PAGES;
      count += countBits(block, 0, BLOCK_PAGES);
      const { edges } = this.#runs.within(first, first + BLOCK_PAGES);
      for (let i = 0; i < edges.length; i += 2) {
        count -= countBits(block, edges[i] - first, edges[i + 1] - first);
      }
    }
    return count;
  }

  /** The union as a set. */
  toPageSet(): PageSet {
    this.#unite();
    return this.#blocks.size === 0 ? this.#runs : this.#runs.union(this.#setOf(this.#sorted()));
  }

  /** Visits what there is of bitmaps where pages of a set lie. */
  #visit(
    { edges }: PageSet,
    visit: (block: Int32Array, from: number, to: number, first: PageNumber) => void,
  ): void {
    if (this.#blocks.size === 0) return;
    const numbers = this.#sorted();
    let next = 0;
    for (let i = 0; i < edges.length && next < numbers.length; i += 2) {
      const first = Math.floor(edges[i] / BLOCK_PAGES);
      const last = Math.floor((edges[i + 1] - 1) / BLOCK_PAGES);
      if (numbers[next] < first) {
        const from = next;
        next += partitionPoint(numbers.length - from, (n) => numbers[from + n] < first);
      }
      for (let n = next; n < numbers.length && numbers[n] <= last; n++) {
        const start = numbers[n] * BLOCK_PAGES;
        const from = Math.max(0, edges[i] - start);
        const to = Math.min(BLOCK_PAGES, edges[i + 1] - start);
        visit(this.#blocks.get(numbers[n])!, from, to, start);
        next = n; // the next run may lie in the same one
      }
    }
  }

  #addRuns(pages: PageSet): void {
    if (this.#waiting.length === 0 && pages.equals(this.#runs)) return;
    this.#waiting.push(pages);
    this.#waitingRuns += pages.runCount;
    const { runCount } = this.#runs;
    const mostSets = MOST_WAITING + runCount / RUNS_FOR_ONE_MORE;
    const mostRuns = Math.max(FULL_RUNS, runCount / 2);
    if (this.#waiting.length >= mostSets || this.#waitingRuns > mostRuns) this.#unite();
  }

  /** Unites what waits with the other runs. */
  #unite(): void {
    if (this.#waiting.length === 0) return;
    let sets = this.#waiting;
    [this.#waiting, this.#waitingRuns] = [[], 0];
    while (sets.length > 1) {
      const [halved, odd] = [sets, sets.length % 2];
      sets = Array.from(
        { length: sets.length >> 1 },
        (_, i) => halved[2 * i].union(halved[2 * i + 1]),
      );
      if (odd === 1) sets.push(halved[halved.length - 1]);
    }
    this.#runs = this.#runs.union(sets[0]);
    if (this.#runs.runCount >= FULL_RUNS) this.#makeBitmaps();
    if (this.#runs.runCount > MOST_RUNS) throw tooScattered();
  }

  /** Makes bitmaps of runs where there are many. */
  #makeBitmaps(): void {
    const { edges } = this.#runs;
    let kept: Float64Array | undefined;
    let length = 0;
    for (let i = 0; i < edges.length;) {
      const number = Math.floor(edges[i] / BLOCK_PAGES);
      const first = number * BLOCK_PAGES;
      let to = i;
      while (to < edges.length && edges[to + 1] <= first + BLOCK_PAGES) to += 2;
      if (to - i >= FULL_RUNS * 2) {
        const block = this.#block(number);
        if (kept === undefined) {
          kept = edges.slice();
          length = i;
        }
        for (; i < to; i += 2) fill(block, edges[i] - first, edges[i + 1] - first);
        continue;
      }
      to = Math.max(to, i + 2);
      if (kept !== undefined) {
        kept.copyWithin(length, i, to);
        length += to - i;
      }
      i = to;
    }
    if (kept === undefined) return;
    this.#runs = length === 0 ? PageSet.empty : PageSet.fromAscending(kept.slice(0, length));
  }

  #block(number: number): Int32Array {
    const known = this.#blocks.get(number);
    if (known !== undefined) return known;
    if (this.#blocks.size >= this.#compactAt) this.#compact();
    const block = new Int32Array(BLOCK_WORDS);
    if (this.#blocks === NO_BLOCKS) this.#blocks = new Map();
    this.#blocks.set(number, block);
    this.#numbers = undefined;
    return block;
  }

  /** Makes runs of the bitmaps that have few. */
  #compact(): void {
    const sparse = this.#sorted().filter((number) => isSparse(this.#blocks.get(number)!));
    this.#waiting.push(this.#setOf(sparse));
    for (const number of sparse) this.#blocks.delete(number);
    [this.#numbers, this.#lastNumber] = [undefined, -1];
    this.#compactAt = Math.max(FIRST_COMPACTION, this.#blocks.size * 2);
    if (this.#blocks.size >= MOST_BLOCKS) throw tooScattered();
    const runs = this.#waiting.reduce((sum, { runCount }) => sum + runCount, 0);
    this.#waitingRuns = runs;
    if (runs > this.#runs.runCount / 2) this.#unite();
  }

  #sorted(): readonly number[] {
    return this.#numbers ??= [...this.#blocks.keys()].sort((a, b) => a - b);
  }

  /** The pages of some blocks, which ascend. */
  #setOf(numbers: readonly number[]): PageSet {
    const edges: number[] = [];
    for (const number of numbers) {
      appendRuns(edges, this.#blocks.get(number)!, number * BLOCK_PAGES);
      if (edges.length > MOST_RUNS * 2) throw tooScattered();
    }
    return PageSet.fromEdges(Float64Array.from(edges));
  }
}

/** True if a bitmap has so few pages that they take less memory as runs. */
function isSparse(block: Int32Array): boolean {
  return countBits(block, 0, BLOCK_PAGES) < FULL_RUNS;
}

function tooScattered(): SoftdirtyError {
  return new SoftdirtyError(
    "too-large",
    `Pages lie in more than ${MOST_RUNS} runs, or ${MOST_BLOCKS} stretches of ${BLOCK_PAGES} pages, ` +
      "too many to be put together",
    "Narrow the snapshots, as with -e 'mapping == \"[heap]\"'",
  );
}

/** Appends the edges of the runs of a part of a block, joined to what stands before. */
function appendRuns(
  edges: number[],
  block: Int32Array,
  first: PageNumber,
  from = 0,
  to = BLOCK_PAGES,
): void {
  let isIn = false;
  const turn = (page: PageNumber) => {
    if (!isIn && edges[edges.length - 1] === page) edges.pop();
    else edges.push(page);
    isIn = !isIn;
  };
  for (let i = from >>> 5; i < (to + 31) >>> 5; i++) {
    const word = block[i];
    if (word === (isIn ? -1 : 0)) continue;
    const last = Math.min(32, to - i * 32);
    for (let bit = Math.max(0, from - i * 32); bit < last; bit++) {
      if (((word >>> bit) & 1) === Number(isIn)) continue;
      turn(first + i * 32 + bit);
    }
  }
  if (isIn) turn(first + to);
}
