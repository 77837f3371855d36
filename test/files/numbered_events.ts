/**
 * Events that are determined by their number, so that a reader of them knows what was written.
 *
 * @module
 */

import type { ClearEvent, Snapshot } from "../../lib/core/snapshot.ts";
import { randomPages } from "../helpers/random_pages.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";

/** The clear before a read of this number. */
export function numberedClear(index: number): ClearEvent {
  return clearAt(index * 1e6);
}

/** A read; each is another set, and each tenth is large enough to be torn. */
export function numberedRead(index: number): Snapshot {
  const dirty = randomPages(index % 10 === 9 ? 200_000 : 500, 0.3, index * 7919 + 1);
  const drawn = snapshot(`0x10 rw-p [heap] ${"D".repeat(1 + index % 3)}`, {
    index,
    atNs: index * 1e6 + 5e5,
    sinceClear: numberedClear(index),
  });
  return snapshot("0x10 rw-p [heap] D", { ...drawn, pages: { ...drawn.pages, dirty } });
}
