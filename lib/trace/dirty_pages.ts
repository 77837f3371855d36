/**
 * Unites the dirty pages of reads, mostly without decoding sets: what a read is delta-encoded against was added
 * before it, so that its difference to that is all that it can add.
 *
 * @module
 */

import type { PageSet } from "../core/page_set.ts";
import type { PageUnion } from "../core/page_union.ts";
import { PAGE_FLAGS, UNTRACKED_FLAGS } from "../core/snapshot.ts";
import { binary, count, list } from "./checks.ts";
import type { ReadRecord } from "./event_codec.ts";
import { addPageSet } from "./page_set_codec.ts";

const DIRTY = PAGE_FLAGS.indexOf("dirty");
/** Pages with these are not counted as dirty; where some are, sets must be decoded. */
const UNTRACKED: ReadonlySet<number> = new Set(
  Object.values(UNTRACKED_FLAGS).flat().map((flag) => PAGE_FLAGS.indexOf(flag)),
);

/** Adds reads of one file, in their order. */
export class DirtyPages {
  readonly #union: PageUnion;
  /** By process: its last keyframe that was added, and whether that has pages that are not tracked. */
  readonly #keyframes = new Map<
    number,
    { readonly number: number; readonly hasUntracked: boolean }
  >();

  constructor(union: PageUnion) {
    this.#union = union;
  }

  /** @param dirtyOf decodes the read, where need be */
  add(record: ReadRecord, dirtyOf: () => PageSet): void {
    const known = this.#keyframes.get(record.process);
    const base = known?.number === record.base ? known : undefined;
    const pages = list(record.pages, "pages");
    let hasUntracked = base?.hasUntracked ?? false;
    let dirty: Uint8Array | undefined;
    for (let i = 0; i < pages.length; i += 2) {
      const code = count(pages[i], `pages[${i}]`);
      if (UNTRACKED.has(code >>> 1)) hasUntracked = true;
      if (code >>> 1 === DIRTY) dirty = binary(pages[i + 1], `pages[${i + 1}]`);
    }
    const isBaseAdded = record.base === null || base !== undefined;
    if (hasUntracked || !isBaseAdded) this.#union.add(dirtyOf());
    else if (dirty !== undefined) addPageSet(dirty, this.#union);
    if (record.base !== null) return;
    this.#keyframes.set(record.process, { number: record.number, hasUntracked });
  }
}
