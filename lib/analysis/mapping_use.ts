/**
 * How dirty each mapping of a snapshot is.
 *
 * @module
 */

import type { Snapshot } from "../core/snapshot.ts";
import { type Vma, vmaPageCount } from "../core/vma.ts";

/** One mapping with its page counts. */
export interface MappingUse {
  /** The mapping. */
  readonly vma: Vma;
  /** Pages that it spans. */
  readonly mappedPages: number;
  /** Tracked pages that exist, in RAM or in swap; null if that was not read. */
  readonly populatedPages: number | null;
  /** Pages that the kernel reports as dirty. */
  readonly dirtyPages: number;
  /** Those of them that exist. */
  readonly dirtyPopulatedPages: number;
  /** Pages whose writes the tracker cannot see. */
  readonly untrackedPages: number;
}

/** The mappings in ascending order of address. */
export function mappingUse(snapshot: Snapshot): MappingUse[] {
  return [...eachMappingUse(snapshot)];
}

/** The same, one at a time. */
export function* eachMappingUse(snapshot: Snapshot): Generator<MappingUse, void, void> {
  const { populated, dirty, dirtyPopulated, untracked } = snapshot;
  const isRead = snapshot.knows("present");
  for (const vma of snapshot.vmas) {
    yield {
      vma,
      mappedPages: vmaPageCount(vma),
      populatedPages: isRead ? populated.countIn(vma.start, vma.end) : null,
      dirtyPages: dirty.countIn(vma.start, vma.end),
      dirtyPopulatedPages: dirtyPopulated.countIn(vma.start, vma.end),
      untrackedPages: untracked.countIn(vma.start, vma.end),
    };
  }
}
