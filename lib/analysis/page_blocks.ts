/**
 * A number for each page, in blocks where there is any, and no more than fit in memory.
 *
 * @module
 */

import { SoftdirtyError } from "../core/errors.ts";
import type { PageSet } from "../core/page_set.ts";
import { NumberIndex } from "./number_index.ts";

/** Pages of a block where pages lie together, and where they are so scattered that these do not fit. */
const LARGE_BLOCK = 1 << 8;
const SMALL_BLOCK = 1 << 2;

/** Numbers of one array; arrays for each small block would take more than the numbers. */
const CHUNK_PAGES = 1 << 16;

/** Of all processes: 64 MiB of numbers, for 64 GiB in pages of 4 KiB, or four million scattered pages. */
const MOST_PAGES = 1 << 24;

/** How many pages all processes of a trace can have in blocks. */
export class BlockBudget {
  readonly #all: PageNumbers[] = [];
  #left = MOST_PAGES;

  join(numbers: PageNumbers): void {
    this.#all.push(numbers);
  }

  /** False if there is not so much left. */
  take(pageCount: number): boolean {
    if (this.#left < pageCount) return false;
    this.#left -= pageCount;
    return true;
  }

  giveBack(pageCount: number): void {
    this.#left += pageCount;
  }

  /**
   * Has all processes go over to small blocks.
   *
   * @throws SoftdirtyError if all of them have such already.
   */
  makeRoom(): void {
    const large = this.#all.filter(({ areSmall }) => !areSmall);
    if (large.length === 0) throw tooMany();
    for (const one of large) one.goSmall();
  }
}

/** A number below 2^32 for each page; 0 until it is set. */
export class PageNumbers {
  readonly #budget: BlockBudget;
  #blockPages = LARGE_BLOCK;
  #chunks: Uint32Array[] = [];
  /** Where the numbers of a block begin, counted in blocks. */
  #blocks = new NumberIndex();

  /** @param budget of all processes */
  constructor(budget: BlockBudget) {
    this.#budget = budget;
    budget.join(this);
  }

  /** True if its blocks are small. */
  get areSmall(): boolean {
    return this.#blockPages === SMALL_BLOCK;
  }

  /**
   * Visits the parts of a set, each within one block: their numbers are those of an array from `from` to
   * before `to`, and can be set there.
   *
   * @throws SoftdirtyError if it would take more memory than there can be.
   */
  visit({ edges }: PageSet, visit: (numbers: Uint32Array, from: number, to: number) => void): void {
    let block = -1;
    for (let i = 0; i < edges.length; i += 2) {
      if (edges[i + 1] - edges[i] > MOST_PAGES) throw tooMany();
      for (let page = edges[i]; page < edges[i + 1];) {
        const number = Math.floor(page / this.#blockPages);
        // Blocks that were made one after the other mostly come so again.
        block = this.#blocks.at(block + 1) === number ? block + 1 : this.#blocks.find(number);
        if (block < 0) {
          if (!this.#budget.take(this.#blockPages)) {
            this.#budget.makeRoom();
            continue;
          }
          block = this.#newBlock(number);
        }
        const first = number * this.#blockPages;
        const end = Math.min(edges[i + 1], first + this.#blockPages);
        const place = block * this.#blockPages;
        const at = place % CHUNK_PAGES;
        visit(this.#chunks[Math.floor(place / CHUNK_PAGES)], at + page - first, at + end - first);
        page = end;
      }
    }
  }

  /** Makes room for a block. The first chunk grows: of many processes, most have few blocks. */
  #newBlock(number: number): number {
    const block = this.#blocks.add(number);
    const chunks = this.#chunks;
    const needed = (block + 1) * this.#blockPages;
    if (needed > chunks.length * CHUNK_PAGES) {
      if (chunks.length > 0 || needed > CHUNK_PAGES) chunks.push(new Uint32Array(CHUNK_PAGES));
      else chunks.push(new Uint32Array(this.#blockPages));
    } else if (needed <= CHUNK_PAGES && needed > chunks[0].length) {
      const larger = new Uint32Array(Math.min(CHUNK_PAGES, chunks[0].length * 4));
      larger.set(chunks[0]);
      chunks[0] = larger;
    }
    return block;
  }

  /** Goes over to small blocks, without those that hold nothing. */
  goSmall(): void {
    const [numbers, chunks] = [this.#blocks.numbers(), this.#chunks];
    this.#budget.giveBack(numbers.length * LARGE_BLOCK);
    this.#blockPages = SMALL_BLOCK;
    this.#chunks = [];
    this.#blocks = new NumberIndex();
    numbers.forEach((number, block) => {
      const place = block * LARGE_BLOCK;
      const chunk = chunks[Math.floor(place / CHUNK_PAGES)];
      for (let from = 0; from < LARGE_BLOCK; from += SMALL_BLOCK) {
        const at = place % CHUNK_PAGES + from;
        const part = chunk.subarray(at, at + SMALL_BLOCK);
        if (part.every((one) => one === 0)) continue;
        const small = number * (LARGE_BLOCK / SMALL_BLOCK) + from / SMALL_BLOCK;
        this.#budget.take(SMALL_BLOCK); // less than was given back
        const to = this.#newBlock(small) * SMALL_BLOCK;
        this.#chunks[Math.floor(to / CHUNK_PAGES)].set(part, to % CHUNK_PAGES);
      }
    });
  }
}

function tooMany(): SoftdirtyError {
  return new SoftdirtyError(
    "too-large",
    `Dirty pages lie in more than ${
      MOST_PAGES / SMALL_BLOCK
    } stretches of ${SMALL_BLOCK} pages, or ` +
      `there are more than ${MOST_PAGES} of them, too many to look at each`,
    "Narrow the snapshots, as with -e 'mapping == \"[heap]\"'",
  );
}
