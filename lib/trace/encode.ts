/**
 * Snapshots as events.
 *
 * @module
 */

import { type ClearEvent, PAGE_FLAGS, type Snapshot } from "../core/snapshot.ts";
import type { Vma } from "../core/vma.ts";
import { encodePageSet } from "./page_set_codec.ts";
import type { ClearRecord, MappingsEvent, ReadEvent } from "./schema.ts";

/** The mappings of a snapshot as an event. */
export function encodeMappings(vmas: readonly Vma[]): MappingsEvent {
  return {
    type: "mappings",
    rows: vmas.map((vma) => [
      vma.start,
      vma.end,
      vma.perms,
      vma.offsetPages,
      vma.device,
      vma.inode,
      vma.name,
    ]),
  };
}

/** A clear as an event; `mappings` is the number of those that there were after it, or null. */
export function encodeClear(
  { vmas: _, ...event }: ClearEvent,
  mappings: number | null,
): ClearRecord {
  return { ...event, mappings };
}

/**
 * A snapshot as an event that refers to what was written before it.
 *
 * @param clear the number of the `clear` it is measured from, or null
 * @param mappings the number of the `mappings` it saw
 */
export function encodeRead(snapshot: Snapshot, clear: number | null, mappings: number): ReadEvent {
  const pages: { -readonly [flag in keyof ReadEvent["pages"]]: Uint8Array } = {};
  for (const flag of PAGE_FLAGS) {
    if (!snapshot.pages[flag].isEmpty) pages[flag] = encodePageSet(snapshot.pages[flag]);
  }
  const { process, atNs, durationNs, stoppedNs, readBy, known } = snapshot;
  return {
    type: "read",
    process,
    atNs,
    durationNs,
    stoppedNs,
    readBy,
    known,
    clear,
    mappings,
    pages,
  };
}
