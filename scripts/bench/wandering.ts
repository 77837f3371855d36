/**
 * Snapshots of a vast process that does not have to be recorded first.
 *
 * @module
 */

import { PageSet } from "../../lib/core/page_set.ts";
import { NO_PAGES, PAGE_FLAGS, Snapshot, UNKNOWN_CONDITIONS } from "../../lib/core/snapshot.ts";
import type { Vma } from "../../lib/core/vma.ts";

const GIB_PAGES = 1 << 18;
const PROCESS = { pid: 1, startTimeTicks: 1, command: "bench" };

/** A process of 64 mappings of 1 GiB, all there, of which stretches are written that wander. */
export function* wandering(count: number, stretches: number): Generator<Snapshot, void, void> {
  const vmas = Array.from({ length: 64 }, (_, i): Vma => ({
    start: 0x7f00_0000_0 + i * 2 * GIB_PAGES,
    end: 0x7f00_0000_0 + (i * 2 + 1) * GIB_PAGES,
    perms: "rw-p",
    offsetPages: 0,
    device: "00:00",
    inode: "0",
    name: i % 2 === 0 ? "" : `/bench/part-${i}`,
  }));
  const present = PageSet.from(vmas);
  for (let n = 0; n < count; n++) {
    const dirty = PageSet.from(Array.from({ length: stretches }, (_, i) => {
      const { start } = vmas[(i * 7 + (n >> 5)) % vmas.length];
      const at = start + (i * 40_503 + n * 97) % (GIB_PAGES - 64);
      return { start: at, end: at + 1 + (i + n) % 32 };
    }));
    const atNs = n * 1e8;
    const clear = { atNs, durationNs: 1e5, unseenNs: 0, stoppedNs: 0, vmas: null };
    yield new Snapshot({
      process: PROCESS,
      pageSizeBytes: 4096,
      vmas,
      pages: { ...NO_PAGES, dirty, present },
      tracker: "soft-dirty",
      readBy: "pagemap-scan",
      known: PAGE_FLAGS,
      conditions: UNKNOWN_CONDITIONS,
      stoppedNs: 0,
      atNs: atNs + 9.9e7,
      durationNs: 1e6,
      sinceClear: { type: "clear", process: PROCESS, ...clear },
      originUnixMs: 0,
      index: n,
    });
  }
}
