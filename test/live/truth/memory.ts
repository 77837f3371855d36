/**
 * Memory of the target, page by page.
 *
 * @module
 */

import { PageSet } from "../../../lib/core/page_set.ts";
import { ADVICE, PAGE } from "./constants.ts";
import { NotInKernel } from "./mode.ts";
import { CallFailed } from "./call_failed.ts";
import type { Target } from "./target.ts";

/** Some pages of the target; indices count from its first page. */
export class Memory {
  readonly target: Target;
  /** The address of its first byte. */
  readonly address: number;
  readonly pageCount: number;

  constructor(target: Target, address: number, pageCount: number) {
    this.target = target;
    this.address = address;
    this.pageCount = pageCount;
  }

  get bytes(): number {
    return this.pageCount * PAGE;
  }

  /** The address of a page. */
  at(index: number): number {
    return this.address + index * PAGE;
  }

  part(index: number, pageCount: number): Memory {
    return new Memory(this.target, this.at(index), pageCount);
  }

  /** The pages as a set; all of them if no indices are given. */
  pages(indices: readonly number[] = range(0, this.pageCount)): PageSet {
    const first = this.address / PAGE;
    return PageSet.from(indices.map((index) => ({ start: first + index, end: first + index + 1 })));
  }

  /** Writes a byte of each of these pages, and returns their set; of all if no indices are given. */
  async write(indices: readonly number[] = range(0, this.pageCount)): Promise<PageSet> {
    await this.target.step({ do: "write", addresses: indices.map((index) => this.at(index)) });
    return this.pages(indices);
  }

  /** Reads a byte of each of these pages. */
  async look(indices: readonly number[] = range(0, this.pageCount)): Promise<void> {
    await this.target.step({ do: "look", addresses: indices.map((index) => this.at(index)) });
  }

  /** Has the forked child write a byte of each of these pages. */
  async childWrite(indices: readonly number[]): Promise<PageSet> {
    await this.target.step({
      do: "childWrite",
      addresses: indices.map((index) => this.at(index)),
    });
    return this.pages(indices);
  }

  advise(advice: keyof typeof ADVICE): Promise<number> {
    return this.target.call("madvise", this.address, this.bytes, ADVICE[advice]);
  }

  /**
   * The same, where some kernels have no such advice.
   *
   * @throws NotInKernel
   */
  async adviseIfThere(advice: keyof typeof ADVICE, name: string): Promise<void> {
    try {
      await this.advise(advice);
    } catch (error) {
      if (error instanceof CallFailed && error.errno === "EINVAL") throw new NotInKernel(name);
      throw error;
    }
  }
}

/** Numbers from `from` to before `to`, each `step`th. */
export function range(from: number, to: number, step = 1): number[] {
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
}
