/**
 * Narrows a snapshot to some of its mappings and addresses.
 *
 * @module
 */

import { ArgumentError } from "./errors.ts";
import { parseAddress } from "./address.ts";
import { mappingNamePredicate } from "./glob.ts";
import { memoryOf } from "./memory_kinds.ts";
import { selectPages, type Snapshot } from "./snapshot.ts";
import type { Vma } from "./vma.ts";

/** An address as text in hexadecimal, as an exact number, or as a bigint. */
export type Address = string | number | bigint;

/** What to keep; a mapping must meet every condition that is given. */
export interface SnapshotFilter {
  /**
   * The mapping's name: a regular expression, or text with `*` and `?`. Text without a slash also
   * matches the last part of a path (`libc.so.6`); `[anon]` stands for memory without a name.
   */
  readonly mapping?: string | RegExp | undefined;
  /** Letters that the permissions must have, as `w`, `rx` or `s`. */
  readonly perms?: string | undefined;
  /** The first address to keep. */
  readonly minAddress?: Address | undefined;
  /** The address to stop before; a page that it cuts is kept. */
  readonly maxAddress?: Address | undefined;
  /** The least size of a mapping, in bytes. */
  readonly minSizeBytes?: number | undefined;
}

const CONDITIONS: ReadonlySet<string> = new Set<keyof SnapshotFilter>([
  "mapping",
  "perms",
  "minAddress",
  "maxAddress",
  "minSizeBytes",
]);

/**
 * The same snapshot with only the mappings, and only the pages, that the filter keeps. A mapping that
 * an address bound cuts is kept in part.
 *
 * @throws ArgumentError if a condition is not of its form.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openTrace } from "../session/sd.ts";
 *
 * const trace = openTrace("recordings/traces/redis.sdtrace");
 * const stack = filterByConditions(trace.at(0), { mapping: "[stack]", perms: "rw" });
 * assert.equal(stack.vmas.length, 1);
 * assert(stack.dirty.pageCount <= trace.at(0).dirty.pageCount);
 * ```
 */
export function filterByConditions(snapshot: Snapshot, filter: SnapshotFilter): Snapshot {
  return conditionsFilter(filter)(snapshot);
}

/** The same for many snapshots: what is kept is found once of each list of mappings. */
export function conditionsFilter(filter: SnapshotFilter): (snapshot: Snapshot) => Snapshot {
  for (const name of Object.keys(filter)) {
    if (!CONDITIONS.has(name)) {
      throw new ArgumentError(
        `There is no condition ${name}; there are ${[...CONDITIONS].join(", ")}`,
      );
    }
  }
  const keptOf = new WeakMap<readonly Vma[], readonly Vma[]>();
  return (snapshot) => {
    const vmas = keptOf.get(snapshot.vmas) ?? kept(snapshot, filter);
    keptOf.set(snapshot.vmas, vmas);
    return selectPages(snapshot, vmas, memoryOf(vmas, "mapped"));
  };
}

/** The parts of mappings that meet the conditions. */
function kept(snapshot: Snapshot, filter: SnapshotFilter): Vma[] {
  const bytes = snapshot.pageSizeBytes;
  const min = filter.minAddress === undefined ? 0 : parseAddress(filter.minAddress, bytes);
  const max = filter.maxAddress === undefined
    ? Infinity
    : parseAddress(filter.maxAddress, bytes, "up");
  const matches = vmaPredicate(filter, bytes);
  const vmas: Vma[] = [];
  for (const vma of snapshot.vmas) {
    const start = Math.max(vma.start, min);
    const end = Math.min(vma.end, max);
    if (start >= end || !matches(vma)) continue;
    const offsetPages = vma.offsetPages + (start - vma.start);
    vmas.push(
      start === vma.start && end === vma.end ? vma : { ...vma, start, end, offsetPages },
    );
  }
  return vmas;
}

/** Which mappings a filter keeps, its address bounds aside. */
function vmaPredicate(filter: SnapshotFilter, pageSizeBytes: number): (vma: Vma) => boolean {
  const { perms = "", minSizeBytes = 0 } = filter;
  if (!/^[rwxsp]*$/.test(perms)) {
    throw new ArgumentError(
      `Permissions ${JSON.stringify(perms)} are not made of r, w, x, s and p`,
    );
  }
  if (!(minSizeBytes >= 0)) {
    throw new ArgumentError(`Size ${minSizeBytes} is not a number of bytes`);
  }
  const isNamed = namePredicate(filter.mapping);
  return (vma) =>
    isNamed(vma.name) &&
    [...perms].every((letter) => vma.perms.includes(letter)) &&
    (vma.end - vma.start) * pageSizeBytes >= minSizeBytes;
}

function namePredicate(pattern: string | RegExp | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true;
  if (pattern instanceof RegExp) {
    return (name) => {
      pattern.lastIndex = 0;
      return pattern.test(name);
    };
  }
  return mappingNamePredicate(pattern);
}
