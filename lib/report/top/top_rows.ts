/**
 * What `top` shows of processes, and of the mappings of one: a row each, sorted and narrowed.
 *
 * @module
 */

import { heatStrip } from "../../analysis/heat_strip.ts";
import type { RecentState, RecentWrites } from "../../analysis/recent_writes.ts";
import { formatAddress } from "../../core/address.ts";
import type { PageNumber } from "../../core/page_set.ts";
import { programName } from "../../core/program.ts";
import { mappingName } from "../snapshot_text.ts";

/** A row of either table. */
export interface TopRow {
  /** The same for the same process or mapping in each look. */
  readonly key: string;
  /** What it is found by. */
  readonly name: string;
  readonly bytesPerSecond: number;
  readonly workingSetBytes: number;
  /** What existed of a process in the last read that reports it, null if none did; what a mapping spans. */
  readonly sizeBytes: number | null;
  /** Bytes a second of the last windows, the oldest first. */
  readonly rates: () => readonly number[];
  /** Where in so many cells the working set lies: a share of pages each. */
  readonly heat: (cellCount: number) => number[];
}

/** A process. */
export interface ProcessRow extends TopRow {
  readonly pid: number;
}

/** A mapping. */
export interface MappingRow extends TopRow {
  readonly address: string;
  readonly perms: string;
}

/** What rows can be sorted by, in the order in which a key goes through them. */
export const SORTS = ["rate", "working set", "size", "name"] as const;

/** One of {@linkcode SORTS}. */
export type Sort = typeof SORTS[number];

/** A row for each process. */
export function processRows(states: readonly RecentState[]): ProcessRow[] {
  return states.map((state) => {
    const { process, snapshot, rates, workingSet, populatedPages } = state;
    const { pageSizeBytes, vmas } = snapshot;
    return {
      ...{
        key: `${process.pid}`,
        name: programName(process),
        pid: process.pid,
        rates: () => rates,
      },
      bytesPerSecond: rates.at(-1)!,
      workingSetBytes: workingSet.pageCount * pageSizeBytes,
      sizeBytes: populatedPages === null ? null : populatedPages * pageSizeBytes,
      heat(cellCount) {
        const written = vmas.filter(({ start, end }) => workingSet.countIn(start, end) > 0);
        return heatStrip(written, workingSet, cellCount);
      },
    };
  });
}

/** A row for each mapping of a process that is in its working set; none if there is no window yet. */
export function mappingRows(recent: RecentWrites): MappingRow[] {
  const { state } = recent;
  if (state === undefined) return [];
  const { snapshot: { vmas, pageSizeBytes }, workingSet, dirty, windowNs } = state;
  const address = (page: PageNumber) => formatAddress(page, pageSizeBytes);
  return vmas.flatMap((vma) => {
    const { start, end, perms, name } = vma;
    const pages = workingSet.countIn(start, end);
    if (pages === 0) return [];
    return [{
      key: `${address(start)} ${name}`,
      ...{ name: mappingName(name), address: address(start), perms },
      rates: () => recent.ratesOf(vma),
      bytesPerSecond: dirty.countIn(start, end) * pageSizeBytes / windowNs * 1e9,
      workingSetBytes: pages * pageSizeBytes,
      sizeBytes: (end - start) * pageSizeBytes,
      heat: (cellCount: number) => heatStrip([vma], workingSet, cellCount),
    }];
  });
}

/** The rows whose names have a text in them, the largest first; names from A to Z. */
export function sortedRows<T extends TopRow>(
  rows: readonly T[],
  sort: Sort,
  isReversed: boolean,
  wanted: string,
): T[] {
  const value: Readonly<Record<Sort, (row: TopRow) => number>> = {
    rate: ({ bytesPerSecond }) => bytesPerSecond,
    "working set": ({ workingSetBytes }) => workingSetBytes,
    size: ({ sizeBytes }) => sizeBytes ?? 0,
    name: () => 0,
  };
  const text = wanted.toLowerCase();
  const order = (a: T, b: T) =>
    value[sort](b) - value[sort](a) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  const found = rows.filter(({ name, key }) => `${name} ${key}`.toLowerCase().includes(text));
  return found.sort(isReversed ? (a, b) => order(b, a) : order);
}
