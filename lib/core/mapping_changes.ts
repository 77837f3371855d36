/**
 * What became of the mappings of a process between two snapshots.
 *
 * @module
 */

import { mappingsWith } from "./mapped_runs.ts";
import type { PageNumber, PageSet } from "./page_set.ts";
import type { Snapshot } from "./snapshot.ts";
import { isSameObject, type Vma } from "./vma.ts";

/**
 * - `came`: a mapping where there was no mapping; `went`: a mapping that is gone.
 * - `grew`, `shrank`: the part by which a mapping that is in both is larger or smaller.
 * - `protection`: the part whose permissions changed.
 * - `renewed`: unmapped and mapped again at the same place; its old contents are gone although
 *   `maps` can look the same as before.
 */
export type MappingChangeKind = "came" | "went" | "grew" | "shrank" | "protection" | "renewed";

/** One changed range `[start, end)` of the address space. */
export interface MappingChange {
  /** What happened to the range. */
  readonly kind: MappingChangeKind;
  /** First page of the range. */
  readonly start: PageNumber;
  /** Page after the last one of the range. */
  readonly end: PageNumber;
  /** The mapping that covered the range in the earlier snapshot, if any. */
  readonly before: Vma | null;
  /** The mapping that covers it in the later one, if any. */
  readonly after: Vma | null;
}

/**
 * Compares the mappings of two snapshots range by range.
 *
 * The kernel shows that a mapping was renewed: it marks each new mapping soft-dirty as a whole
 * (`Documentation/admin-guide/mm/soft-dirty.rst`), which is visible on the pages that do not exist. A
 * renewed mapping that was then populated to the last page looks the same as one that was written to
 * the last page, and is not listed. A mapping that merged with a neighbour counts as grown, because
 * the mark covers the neighbour as well.
 *
 * Memory that is made accessible out of a reservation (`---p`), as allocators do, counts as growth of
 * the mapping that it joins.
 *
 * @param isClearedBetween whether the marks of `after` were all made after `before` was read
 */
export function mappingChanges(
  before: Snapshot,
  after: Snapshot,
  isClearedBetween: boolean,
): MappingChange[] {
  const wasNew = once(markedNew(before));
  const isMarkedNew = markedNew(after);
  const isNew = once(isMarkedNew);
  const isContinued = once((vma: Vma) => continues(vma, after.vmas));
  const isContinuation = once((vma: Vma) => continues(vma, before.vmas));
  const wasSo = once((vma: Vma) => continues(vma, before.vmas, vma.perms));
  const staysSo = once((vma: Vma) => continues(vma, after.vmas, vma.perms));
  const changes: MappingChange[] = [];
  // Most snapshots of a trace have the list of the one before, and few mappings of it are new.
  const marked = before.vmas === after.vmas ? mappingsWith(after.vmas, newPages(after)) : undefined;
  const [as, bs] = [marked ?? before.vmas, marked ?? after.vmas];
  for (const { start, end, a, b } of segments(as, bs)) {
    // Most are as they were, and of the same list in a trace.
    if (a === b && !isMarkedNew(b!)) continue;
    const isRenewal = (a: Vma, b: Vma) =>
      a.start <= b.start && b.end <= a.end && isNew(b) && (isClearedBetween || !wasNew(a));
    let kind: MappingChangeKind | undefined;
    if (a === null) kind = isContinuation(b!) ? "grew" : "came";
    else if (b === null) kind = isContinued(a) ? "shrank" : "went";
    else if (!isSameObject(a, b)) kind = "renewed";
    else if (a.perms !== b.perms && isReservation(a) && wasSo(b)) {
      kind = "grew";
    } else if (a.perms !== b.perms && isReservation(b) && staysSo(a)) {
      kind = "shrank";
    } else if (isRenewal(a, b)) {
      kind = isReservation(a) && !isReservation(b) ? "came" : "renewed";
    } else if (a.perms !== b.perms) kind = "protection";
    if (kind !== undefined) changes.push({ kind, start, end, before: a, after: b });
  }
  return changes;
}

/** Asks once for each mapping, which may be cut into many ranges. */
function once(ask: (vma: Vma) => boolean): (vma: Vma) => boolean {
  const known = new Map<Vma, boolean>();
  return (vma) => {
    const answer = known.get(vma) ?? ask(vma);
    known.set(vma, answer);
    return answer;
  };
}

/** Address space that cannot be accessed, reserved for a mapping to grow into. */
function isReservation(vma: Vma): boolean {
  return vma.perms.startsWith("---");
}

/**
 * A predicate for whether a mapping carries VM_SOFTDIRTY, as far as its pages show it. Where the tracker
 * reports new mappings, pages that do not exist show nothing: uffd-wp reports dropped pages, too.
 */
function markedNew(snapshot: Snapshot): (vma: Vma) => boolean {
  const unwritten = newPages(snapshot);
  return (vma) => unwritten.countIn(vma.start, vma.end) > 0;
}

function newPages(snapshot: Snapshot): PageSet {
  return snapshot.knows("newMapping") ? snapshot.pages.newMapping : snapshot.dirtyUnpopulated;
}

/** True if a mapping of the same object, with these permissions, overlaps `vma` in the other snapshot. */
function continues(vma: Vma, others: readonly Vma[], perms?: string): boolean {
  for (let i = firstEndingAfter(others, vma.start); i < others.length; i++) {
    const other = others[i];
    if (other.start >= vma.end) return false;
    if (isSameObject(vma, other) && (perms ?? other.perms) === other.perms) return true;
  }
  return false;
}

/** The index of the first mapping that ends after `page`. */
function firstEndingAfter(vmas: readonly Vma[], page: PageNumber): number {
  let low = 0;
  let high = vmas.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (vmas[middle].end <= page) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Segment {
  start: PageNumber;
  end: PageNumber;
  a: Vma | null;
  b: Vma | null;
}

/** Cuts the address space where a mapping of either side begins or ends; skips what neither maps. */
function* segments(as: readonly Vma[], bs: readonly Vma[]): Generator<Segment> {
  let i = 0;
  let j = 0;
  let position = 0;
  while (i < as.length || j < bs.length) {
    const a = as[i];
    const b = bs[j];
    const start = Math.max(position, Math.min(a?.start ?? Infinity, b?.start ?? Infinity));
    const inA = a !== undefined && a.start <= start;
    const inB = b !== undefined && b.start <= start;
    const end = Math.min(
      a === undefined ? Infinity : inA ? a.end : a.start,
      b === undefined ? Infinity : inB ? b.end : b.start,
    );
    yield { start, end, a: inA ? a : null, b: inB ? b : null };
    position = end;
    if (inA && a.end === end) i++;
    if (inB && b.end === end) j++;
  }
}
