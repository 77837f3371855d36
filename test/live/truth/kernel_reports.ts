/**
 * What the kernel itself reports of some pages, read from the file pagemap without the library, so
 * that a page which the library loses does not look like one that the kernel lost.
 * A guard page holds nothing, and is not written: 7.x marks it nevertheless.
 *
 * @module
 */

import { closeSync, openSync, readSync } from "node:fs";
import { PageSet } from "../../../lib/core/page_set.ts";
import type { TrackerKind } from "../../../lib/core/snapshot.ts";

const SOFT_DIRTY = 55n;
const UFFD_WRITE_PROTECTED = 57n;
const GUARD = 58n;

/** The pages of `pages` that are reported; what is not mapped must not be among them. */
export function kernelReports(pid: number, tracker: TrackerKind, pages: PageSet): PageSet {
  const file = openSync(`/proc/${pid}/pagemap`, "r");
  try {
    const reported: number[] = [];
    for (const { start, end, pageCount } of pages.runs()) {
      const entries = new BigUint64Array(pageCount);
      const bytes = readSync(file, entries, 0, entries.byteLength, start * 8);
      if (bytes !== entries.byteLength) throw new Error(`pagemap ends before page ${end}`);
      entries.forEach((entry, i) => {
        const isReported = tracker === "soft-dirty"
          ? (entry >> SOFT_DIRTY & 1n) === 1n && (entry >> GUARD & 1n) === 0n
          : (entry >> UFFD_WRITE_PROTECTED & 1n) === 0n;
        if (isReported) reported.push(start + i);
      });
    }
    return PageSet.from(reported.map((page) => ({ start: page, end: page + 1 })));
  } finally {
    closeSync(file);
  }
}
