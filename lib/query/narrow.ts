/**
 * All ways of saying which part of a snapshot is meant.
 *
 * @module
 */

import { filterSnapshot, type SnapshotFilter } from "../core/filter.ts";
import { PageSet } from "../core/page_set.ts";
import { narrowed, type Snapshot } from "../core/snapshot.ts";
import type { Vma } from "../core/vma.ts";
import { Query } from "./query.ts";

/** An expression, as text or ready to be applied; conditions; or a function that keeps mappings. */
export type Narrowing =
  | string
  | Query
  | SnapshotFilter
  | ((mapping: Vma, snapshot: Snapshot) => boolean);

/**
 * The part of a snapshot that is meant.
 *
 * @throws ExpressionError, or RangeError for conditions that are not of their form
 */
export function narrow(snapshot: Snapshot, how: Narrowing): Snapshot {
  if (typeof how === "string") return new Query(how).apply(snapshot);
  if (how instanceof Query) return how.apply(snapshot);
  if (typeof how !== "function") return filterSnapshot(snapshot, how);
  const vmas = snapshot.vmas.filter((vma) => how(vma, snapshot));
  return narrowed(snapshot, vmas, PageSet.from(vmas));
}
