/**
 * What a kernel was found to say, as it travels from the machine with the kernel to the table: JSON
 * lines.
 *
 * @module
 */

import type { Reason } from "../../../lib/core/explain.ts";
import type { UntrackedReason } from "../../../lib/core/coverage.ts";
import type { TrackerKind } from "../../../lib/core/snapshot.ts";
import type { Cause } from "./mode.ts";

/** How many pages; what has none is left out. */
export type Counts<Name extends string> = { readonly [name in Name]?: number };

/** What one way of reading reported of a mode. */
export interface Reading {
  /** The way: `pagemap`, `pagemap-scan`, `read` or `take`. */
  readonly by: string;
  /** Why the tracker does not see this memory, as the snapshot says; null if it does. */
  readonly untrackedBy: UntrackedReason | null;
  readonly reported: number;
  /** Written pages that are not reported, by the cause for which the kernel loses them. */
  readonly missed: Counts<Cause>;
  /** Reported pages that were not written, by the reason that the snapshot or the mode gives. */
  readonly extra: Counts<Reason | Cause>;
  /** What must not be, a sentence each. */
  readonly problems: readonly string[];
}

/** One mode under one tracker. */
export interface ModeRow {
  readonly type: "mode";
  readonly tracker: TrackerKind;
  readonly mode: string;
  readonly written: number;
  /** Pages that were written, or changed in another way. */
  readonly changed: number;
  /** Why it was left out; then there are no readings. */
  readonly leftOut?: string;
  /** What this kernel does not have; then there are no readings. */
  readonly notInKernel?: string;
  /** The error that it came to; then there are no readings. */
  readonly error?: string;
  /** What the kernel did not do. */
  readonly note?: string;
  readonly readings: readonly Reading[];
}

/** A tracker that is not to be had on this kernel. */
export interface NoTrackerRow {
  readonly type: "no-tracker";
  readonly tracker: TrackerKind;
  readonly reason: string;
}

/** The first row: which kernel it is. */
export interface KernelRow {
  readonly type: "kernel";
  /** As `uname -r` prints it. */
  readonly release: string;
}

/** The last row: nothing was cut off. */
export interface EndRow {
  readonly type: "end";
}

/** One line. */
export type Row = KernelRow | NoTrackerRow | ModeRow | EndRow;
