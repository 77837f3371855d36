/**
 * A number for each page, in blocks where there is any, and no more than fit in memory.
 *
 * @module
 */

import { SoftdirtyError } from "../core/errors.ts";
import type { PageSet } from "../core/page_set.ts";

/** Pages of a block: few, since pages can be scattered. */
const BLOCK_PAGES = 1 << 4;

/** Blocks whose numbers lie in one array: arrays of their own would take more than the numbers. */
const CHUNK_BLOCKS = 1 << 12;
const FIRST_BLOCKS = 1 << 4;

/** Of all processes: 64 MiB of numbers, for 64 GiB in pages of 4 KiB, or a million scattered pages. */
const MOST_BLOCKS = 1 << 20;

/** How many blocks all processes of a trace can have together. */
export class BlockBudget {
  #left = MOST_BLOCKS;

  /** @throws SoftdirtyError if there are no more. */
  take(): void {
    if (this.#left-- <= 0) throw tooMany();
  }
}

/** A number below 2^32 for each page; 0 until it is set. */
export class PageNumbers {
  readonly #budget: BlockBudget;
  readonly #chunks: Uint32Array[] = [];
  /** Where the numbers of a block begin, counted in blocks. */
  readonly #blocks = new Map<number, number>();

  /** @param budget of all processes */
  constructor(budget: BlockBudget) {
    this.#budget = budget;
  }

  /**
   * Visits the parts of a set, each within one block: their numbers are those of an array from `from` to
   * before `to`, and can be set there.
   *
   * @throws SoftdirtyError if it would take more memory than there can be.
   */
  visit({ edges }: PageSet, visit: (numbers: Uint32Array, from: number, to: number) => void): void {
    for (let i = 0; i < edges.length; i += 2) {
      if (edges[i + 1] - edges[i] > MOST_BLOCKS * BLOCK_PAGES) throw tooMany();
      for (let page = edges[i]; page < edges[i + 1];) {
        const number = Math.floor(page / BLOCK_PAGES);
        const first = number * BLOCK_PAGES;
        const end = Math.min(edges[i + 1], first + BLOCK_PAGES);
        const block = this.#blocks.get(number) ?? this.#newBlock(number);
        const at = block % CHUNK_BLOCKS * BLOCK_PAGES - first;
        visit(this.#chunks[Math.floor(block / CHUNK_BLOCKS)], at + page, at + end);
        page = end;
      }
    }
  }

  #newBlock(number: number): number {
    this.#budget.take();
    const block = this.#blocks.size;
    this.#reserve(block);
    this.#blocks.set(number, block);
    return block;
  }

  /** Makes room for a block. The first chunk grows: of many processes, most have few blocks. */
  #reserve(block: number): void {
    const chunks = this.#chunks;
    if (block >= CHUNK_BLOCKS) {
      if (block % CHUNK_BLOCKS === 0) chunks.push(new Uint32Array(CHUNK_BLOCKS * BLOCK_PAGES));
      return;
    }
    const before = chunks[0] ?? new Uint32Array(0);
    if (block * BLOCK_PAGES < before.length) return;
    chunks[0] = new Uint32Array(Math.max(FIRST_BLOCKS * BLOCK_PAGES, before.length * 4));
    chunks[0].set(before);
  }
}

function tooMany(): SoftdirtyError {
  return new SoftdirtyError(
    "too-large",
    `Dirty pages lie in more than ${MOST_BLOCKS} stretches of ${BLOCK_PAGES} pages, too many to ` +
      "look at each",
    "Narrow the snapshots, as with -e 'mapping == \"[heap]\"'",
  );
}
