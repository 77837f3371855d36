/**
 * Remembers the mappings at each moment, to name pages that are reported later.
 *
 * @module
 */

import type { PageNumber } from "../core/page_set.ts";
import { partitionPoint } from "../core/partition_point.ts";
import type { Vma } from "../core/vma.ts";

/** Number of lists that are kept. */
const KEPT_LISTS = 64;

/** The mappings of one process over time; moments are numbers that do not fall. */
export class SeenMappings {
  /** Each list with the moment from which on it was seen, the latest last. */
  readonly #lists: { readonly moment: number; readonly vmas: readonly Vma[] }[] = [];

  /** Adds what is mapped at a moment. */
  add(moment: number, vmas: readonly Vma[]): void {
    const last = this.#lists.at(-1);
    if (last !== undefined && isSameList(last.vmas, vmas)) return;
    this.#lists.push({ moment, vmas });
    if (this.#lists.length > KEPT_LISTS) this.#lists.shift();
  }

  /** The mapping that had a page at a moment; undefined if that is no longer known. */
  find(page: PageNumber, moment: number): Vma | undefined {
    const list = this.#lists.findLast((one) => one.moment <= moment);
    if (list === undefined) return undefined;
    const { vmas } = list;
    const vma = vmas.at(partitionPoint(vmas.length, (i) => vmas[i].end <= page));
    return vma !== undefined && vma.start <= page ? vma : undefined;
  }
}

/** True if the same places have the same names. */
function isSameList(as: readonly Vma[], bs: readonly Vma[]): boolean {
  return as === bs || as.length === bs.length && as.every((a, i) => {
        const b = bs[i];
        return a.start === b.start && a.end === b.end && a.name === b.name;
      });
}
