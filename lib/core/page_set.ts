/**
 * Sets of memory pages as sorted, disjoint runs, with the algebra that every other room builds on.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { PageSet } from "./page_set.ts";
 *
 * const before = PageSet.from([{ start: 0x10, end: 0x14 }]);
 * const after = PageSet.from([{ start: 0x12, end: 0x18 }]);
 * assert.deepEqual([...after.subtract(before).runs()], [{ start: 0x14, end: 0x18, pageCount: 4 }]);
 * ```
 *
 * @module
 */

import { isFew, partsOfFew } from "./few_runs.ts";
import { DIFFERENCE, INTERSECTION, merge, SYMMETRIC_DIFFERENCE, UNION } from "./merge_edges.ts";
import { partitionPoint } from "./partition_point.ts";

/** Virtual address divided by the page size: an exact integer below 2^52. */
export type PageNumber = number;

/** One past the largest page number: a 64-bit address space in pages of 4 KiB. */
export const PAGE_NUMBER_LIMIT = 2 ** 52;

/** Consecutive pages; `end` is exclusive. */
export interface PageRange {
  /** First page. */
  readonly start: PageNumber;
  /** Page after the last one. */
  readonly end: PageNumber;
}

/** A maximal run of consecutive pages of a set. */
export interface PageRun extends PageRange {
  /** Pages in the run: `end - start`. */
  readonly pageCount: number;
}

/**
 * An immutable set of page numbers.
 *
 * It is held as its edges: `[start, end, start, end, ...]`, strictly ascending. A page is in the set
 * when the number of edges at or below it is odd; that makes each operation one merge of two edge
 * lists, linear in runs and free of objects. A `Float64Array` keeps integers exact to 2^53.
 */
export class PageSet {
  /** The set without pages. */
  static readonly empty: PageSet = new PageSet(new Float64Array(0));

  /** The edges. Read them on hot paths, never write to them. */
  readonly edges: Float64Array;

  /** How many pages are in the set. */
  readonly pageCount: number;

  private constructor(edges: Float64Array) {
    let pageCount = 0;
    for (let i = 0; i < edges.length; i += 2) pageCount += edges[i + 1] - edges[i];
    this.edges = edges;
    this.pageCount = pageCount;
  }

  /**
   * Takes over a list of edges, which the caller must not change afterwards.
   *
   * @throws RangeError if they are not integers in `0..2^52`, strictly ascending and even in number.
   */
  static fromEdges(edges: Float64Array): PageSet {
    if (edges.length === 0) return PageSet.empty;
    if (edges.length % 2 !== 0) throw new RangeError(`A run has no end: ${edges.length} edges`);
    let previous = -1;
    for (let i = 0; i < edges.length; i++) {
      const edge = edges[i];
      if (!(edge > previous && edge <= PAGE_NUMBER_LIMIT && Number.isInteger(edge))) {
        throw new RangeError(
          `Edge ${i} is ${edge} after ${previous}: not an ascending page number`,
        );
      }
      previous = edge;
    }
    return new PageSet(edges);
  }

  /**
   * Takes over edges that are known to ascend: sums of whole numbers above 0, or what the kernel lists.
   * Only the first and the last are looked at.
   *
   * @throws RangeError if they lie beyond the address space, or there is none.
   */
  static fromAscending(edges: Float64Array): PageSet {
    const last = edges[edges.length - 1];
    if (edges.length === 0 || !(edges[0] >= 0 && last <= PAGE_NUMBER_LIMIT)) {
      throw new RangeError(`Edges from ${edges[0]} to ${last} are not page numbers`);
    }
    return new PageSet(edges);
  }

  /**
   * The pages of ranges, which may come in any order and may overlap: runs of other sets, mappings.
   *
   * @throws RangeError if a range is empty, reversed or not made of page numbers.
   */
  static from(ranges: Iterable<PageRange>): PageSet {
    const given: readonly PageRange[] = Array.isArray(ranges) ? ranges : [...ranges];
    const sorted = isAscending(given) ? given : given.toSorted((a, b) => a.start - b.start);
    const edges = new Float64Array(sorted.length * 2);
    let length = 0;
    for (const { start, end } of sorted) {
      if (!(start < end)) throw new RangeError(`Range ${start}..${end} holds no page`);
      if (length > 0 && start <= edges[length - 1]) {
        edges[length - 1] = Math.max(end, edges[length - 1]);
      } else {
        edges[length++] = start;
        edges[length++] = end;
      }
    }
    return PageSet.fromEdges(edges.slice(0, length));
  }

  /** How many runs the set has. */
  get runCount(): number {
    return this.edges.length / 2;
  }

  /** True if there is no page in the set. */
  get isEmpty(): boolean {
    return this.edges.length === 0;
  }

  /** Walks the runs in ascending order. */
  *runs(): Generator<PageRun, void, void> {
    for (let i = 0; i < this.edges.length; i += 2) {
      const start = this.edges[i];
      const end = this.edges[i + 1];
      yield { start, end, pageCount: end - start };
    }
  }

  /** In JSON a set is its runs: `[[first page, page count], ...]`. */
  toJSON(): [start: PageNumber, pageCount: number][] {
    return Array.from(this.runs(), (run) => [run.start, run.pageCount]);
  }

  /** True if `page` is in the set; logarithmic in the runs. */
  has(page: PageNumber): boolean {
    return this.#edgesUpTo(page) % 2 === 1;
  }

  /** Pages that are in this set, in the other one, or in both. */
  union(other: PageSet): PageSet {
    if (other.isEmpty || other === this) return this;
    if (this.isEmpty) return other;
    return merged(this, other, UNION);
  }

  /** Pages that are in both sets. */
  intersect(other: PageSet): PageSet {
    if (this.isEmpty || other.isEmpty) return PageSet.empty;
    if (isFew(this.edges, other.edges)) return partsOf(this, other, true);
    if (isFew(other.edges, this.edges)) return partsOf(other, this, true);
    return merged(this, other, INTERSECTION);
  }

  /** Pages of this set that the other one lacks. */
  subtract(other: PageSet): PageSet {
    if (this.isEmpty || other.isEmpty) return this;
    if (isFew(this.edges, other.edges)) return partsOf(this, other, false);
    return merged(this, other, DIFFERENCE);
  }

  /** Pages that are in exactly one of the two sets. */
  xor(other: PageSet): PageSet {
    return merged(this, other, SYMMETRIC_DIFFERENCE);
  }

  /** True if both hold the same pages. */
  equals(other: PageSet): boolean {
    const { edges } = this;
    if (edges === other.edges) return true;
    if (edges.length !== other.edges.length) return false;
    for (let i = 0; i < edges.length; i++) if (edges[i] !== other.edges[i]) return false;
    return true;
  }

  /** The pages of the set that lie in `[start, end)`. */
  within(start: PageNumber, end: PageNumber): PageSet {
    const { edges } = this;
    let first = this.#edgesUpTo(start);
    if (first % 2 === 1) first--;
    let last = first;
    while (last < edges.length && edges[last] < end) last += 2;
    if (first === last) return PageSet.empty;
    const part = edges.slice(first, last);
    part[0] = Math.max(part[0], start);
    part[part.length - 1] = Math.min(part[part.length - 1], end);
    return new PageSet(part);
  }

  /** How many pages of the set lie in `[start, end)`; allocates nothing. */
  countIn(start: PageNumber, end: PageNumber): number {
    const { edges } = this;
    let count = 0;
    let i = this.#edgesUpTo(start);
    if (i % 2 === 1) i--;
    for (; i < edges.length && edges[i] < end; i += 2) {
      count += Math.max(0, Math.min(edges[i + 1], end) - Math.max(edges[i], start));
    }
    return count;
  }

  /** The number of edges at or below `page`. */
  #edgesUpTo(page: PageNumber): number {
    return partitionPoint(this.edges.length, (i) => this.edges[i] <= page);
  }
}

/** Parts of a set of few runs; the set itself where that has the same pages. */
function partsOf(few: PageSet, many: PageSet, isWithin: boolean): PageSet {
  const edges = partsOfFew(few.edges, many.edges, isWithin);
  if (edges.length === 0) return PageSet.empty;
  const parts = PageSet.fromAscending(edges);
  return parts.equals(few) ? few : parts;
}

/** The merged set; one of the two where that has the same pages. */
function merged(a: PageSet, b: PageSet, membership: number): PageSet {
  const edges = merge(a.edges, b.edges, membership);
  if (edges === a.edges) return a;
  if (edges === b.edges) return b;
  return edges.length === 0 ? PageSet.empty : PageSet.fromAscending(edges);
}

function isAscending(ranges: readonly PageRange[]): boolean {
  for (let i = 1; i < ranges.length; i++) if (ranges[i].start < ranges[i - 1].start) return false;
  return true;
}
