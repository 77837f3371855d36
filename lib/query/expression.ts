/**
 * What a filter expression is made of.
 *
 * @module
 */

import type { PageSet } from "../core/page_set.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { Vma } from "../core/vma.ts";

/** One condition. */
export type Condition =
  /** True or false of a whole snapshot. */
  | { readonly of: "snapshot"; readonly isMet: (snapshot: Snapshot) => boolean }
  /** True or false of a whole mapping. */
  | { readonly of: "mapping"; readonly isMet: (vma: Vma, snapshot: Snapshot) => boolean }
  /** True of a stretch of addresses: mappings are cut there. */
  | { readonly of: "address"; readonly pages: (snapshot: Snapshot) => PageSet }
  /** True of some pages, wherever they lie: mappings stay as they are. */
  | { readonly of: "page"; readonly pages: (snapshot: Snapshot) => PageSet };

/** Conditions, and how they are joined. */
export type Expression =
  | { readonly kind: "and" | "or"; readonly parts: readonly Expression[] }
  | { readonly kind: "not"; readonly part: Expression }
  | { readonly kind: "condition"; readonly condition: Condition };
