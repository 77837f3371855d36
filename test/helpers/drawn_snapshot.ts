/**
 * Draws snapshots, a line for each mapping.
 *
 * @module
 */

import { type PageRange, PageSet } from "../../lib/core/page_set.ts";
import {
  type ClearEvent,
  PAGE_FLAGS,
  pageSets,
  Snapshot,
  type SnapshotFields,
  UNKNOWN_CONDITIONS,
} from "../../lib/core/snapshot.ts";
import type { Vma } from "../../lib/core/vma.ts";

/** The process of all drawings. */
export const PROCESS = { pid: 42, startTimeTicks: 1000, command: "drawn" };

/** A clear of that process. */
export function clearAt(atNs: number): ClearEvent {
  const none = { unseenNs: 0, stoppedNs: 0, vmas: null };
  return { type: "clear", process: PROCESS, atNs, durationNs: 1000, ...none };
}

/**
 * One line for each mapping: `0x100 rw-p [heap] D.d.ss`, that is first page, permissions, name (`-`
 * for none) and a letter for each page:
 *
 * - `D` dirty and present, `d` dirty and not there, `S` dirty and swapped out
 * - `p` present, `s` swapped out, `.` not there
 */
export function snapshot(drawing: string, fields: Partial<SnapshotFields> = {}): Snapshot {
  const vmas: Vma[] = [];
  const ranges = { dirty: [], present: [], swapped: [] } as Record<string, PageRange[]>;
  for (const line of drawing.trim().split("\n")) {
    const [first, perms, name, letters] = line.trim().split(/\s+/);
    const start = Number(first);
    vmas.push({
      start,
      end: start + letters.length,
      perms,
      offsetPages: 0,
      device: "00:00",
      inode: "0",
      name: name === "-" ? "" : name,
    });
    [...letters].forEach((letter, i) => {
      const page = { start: start + i, end: start + i + 1 };
      if ("DdS".includes(letter)) ranges.dirty.push(page);
      if ("Dp".includes(letter)) ranges.present.push(page);
      if ("Ss".includes(letter)) ranges.swapped.push(page);
    });
  }
  const pages = pageSets((flag) => PageSet.from(ranges[flag] ?? []));
  return new Snapshot({
    process: PROCESS,
    pageSizeBytes: 4096,
    vmas,
    pages,
    tracker: "soft-dirty",
    readBy: "pagemap",
    known: PAGE_FLAGS.slice(0, 8),
    conditions: UNKNOWN_CONDITIONS,
    stoppedNs: 0,
    atNs: 2e6,
    durationNs: 5e4,
    sinceClear: clearAt(1e6),
    originUnixMs: 1_700_000_000_000,
    index: 0,
    ...fields,
  });
}

/** Drawings as snapshots of one process, each of what was written in one second. */
export function seconds(...drawings: string[]): Snapshot[] {
  return drawings.map((drawing, index) =>
    snapshot(drawing, {
      index,
      sinceClear: { ...clearAt(index * 1e9), durationNs: 0 },
      atNs: (index + 1) * 1e9,
      durationNs: 0,
    })
  );
}
