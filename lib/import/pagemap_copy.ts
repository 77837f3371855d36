/**
 * A copy of `/proc/PID/pagemap` beside one of `/proc/PID/maps` or `smaps`.
 *
 * A pagemap has an entry of 8 bytes for each page of the address space, too many to copy as a whole.
 * Two kinds of partial copies are accepted; the size of the file shows which one it is:
 *
 * - The entries of all mappings, one mapping after the other in the order of maps.
 * - At the same offsets as in the original, with holes between the mappings.
 *
 * @module
 */

import { PageSet } from "../core/page_set.ts";
import { NO_PAGES, type PageSets } from "../core/snapshot.ts";
import { type Vma, vmaPageCount } from "../core/vma.ts";
import { parseMaps } from "../kernel/proc/maps.ts";
import { ENTRY_BYTES, hasEntries, PagemapScanner } from "../kernel/pagemap/pagemap.ts";
import { parseSmaps } from "../kernel/proc/smaps.ts";
import { readRange } from "../files/source_file.ts";
import { readForeignFile, understood, useForeignFile } from "./foreign_file.ts";
import { missingFile } from "./import_errors.ts";

/** The two files. */
export interface PagemapCopy {
  /** A copy of `/proc/PID/pagemap`. */
  readonly pagemap: string;
  /** A copy of maps or, better, of smaps. */
  readonly maps: string;
}

/** What the two files show. */
export interface CopiedPages {
  readonly vmas: readonly Vma[];
  readonly pages: PageSets;
  /** True if they show which memory is hugetlb, whose writes soft-dirty does not see. */
  readonly tellsHugetlb: boolean;
  /** When the copy was finished, in Unix time. */
  readonly modifiedUnixMs: number;
}

/** A part of the file, and the pages that it is about. */
interface Range {
  readonly start: number;
  readonly end: number;
  readonly offsetBytes: number;
}

const PIECE_PAGES = 1 << 14;

/** 8 TiB in pages of 4 KiB: entries of 16 GiB. */
const MAX_PAGES = 2 ** 31;

/** Mappings from this size on are passed over if smaps says that they hold nothing. */
const VAST_PAGES = 2 ** 18;

/** The name that the kernel gives to anonymous hugetlb memory. */
const ANONYMOUS_HUGETLB = "/anon_hugepage";

/**
 * Reads a copy.
 *
 * @throws ImportError if one of the files cannot be read, or they do not belong together.
 */
export function readPagemapCopy(copy: PagemapCopy, pageSizeBytes: number): CopiedPages {
  const { vmas, hugetlb, empty, emptyNew, tellsHugetlb } = readMappings(copy.maps, pageSizeBytes);
  const read = useForeignFile(copy.pagemap, (file, { size, mtimeMs }) => {
    const ranges = understood(
      copy.pagemap,
      `the pagemap of ${copy.maps}`,
      () => rangesIn(size, vmas, empty),
    );
    const scanner = new PagemapScanner();
    for (const range of ranges) scanRange(scanner, file, range);
    return { sets: scanner.finish(), modifiedUnixMs: mtimeMs };
  }) ?? missingFile(copy.pagemap);
  const { sets, modifiedUnixMs } = read;
  const dirty = sets.dirty.union(emptyNew);
  return { vmas, pages: { ...NO_PAGES, ...sets, dirty, hugetlb }, tellsHugetlb, modifiedUnixMs };
}

function readMappings(path: string, pageSizeBytes: number) {
  const file = readForeignFile(path) ?? missingFile(path);
  return understood(path, "a copy of /proc/PID/maps or smaps", () => {
    const text = new TextDecoder().decode(file.bytes);
    const tellsHugetlb = /^VmFlags:/m.test(text);
    const usages = tellsHugetlb ? parseSmaps(text, pageSizeBytes) : [];
    const vmas = tellsHugetlb ? usages.map(({ vma }) => vma) : parseMaps(text, pageSizeBytes);
    assertAscending(vmas);
    const vast = usages.filter(({ vma, populatedBytes }) =>
      populatedBytes === 0 && vmaPageCount(vma) >= VAST_PAGES
    );
    const huge = tellsHugetlb
      ? usages.filter(({ flags }) => flags.has("ht")).map(({ vma }) => vma)
      : vmas.filter(({ name }) => name.startsWith(ANONYMOUS_HUGETLB));
    return {
      vmas,
      tellsHugetlb,
      hugetlb: PageSet.from(huge),
      empty: new Set(vast.map(({ vma }) => vma)),
      emptyNew: PageSet.from(vast.filter(({ flags }) => flags.has("sd")).map(({ vma }) => vma)),
    };
  });
}

function assertAscending(vmas: readonly Vma[]): void {
  if (vmas.length === 0) throw new RangeError("there is no mapping in it");
  for (const [i, { start, end }] of vmas.entries()) {
    if (start >= end || i > 0 && start < vmas[i - 1].end) {
      throw new RangeError(`mapping ${i + 1} does not come after the one before it`);
    }
  }
}

/** Where in a file of that size the entries of the mappings are. */
function rangesIn(sizeBytes: number, vmas: readonly Vma[], empty: ReadonlySet<Vma>): Range[] {
  if (sizeBytes % ENTRY_BYTES !== 0) {
    throw new RangeError(`its ${sizeBytes} bytes are no whole number of entries of 8 bytes`);
  }
  const listed = vmas.filter(hasEntries);
  const all = listed.reduce((sum, vma) => sum + vmaPageCount(vma), 0);
  const last = listed[listed.length - 1]?.end ?? 0;
  const entryCount = sizeBytes / ENTRY_BYTES;
  if (entryCount !== all && entryCount < last) {
    throw new RangeError(
      `it has ${entryCount} entries: expected ${all}, which is all mappings one after the other, ` +
        `or ${last} and more, which is at the offsets of the original`,
    );
  }
  const ranges: Range[] = [];
  let [next, pageCount] = [0, 0];
  for (const vma of listed) {
    const { start, end } = vma;
    const offsetBytes = (entryCount === all ? next : start) * ENTRY_BYTES;
    next += end - start;
    if (empty.has(vma)) continue;
    ranges.push({ start, end, offsetBytes });
    pageCount += end - start;
  }
  if (pageCount > MAX_PAGES) {
    throw new RangeError(
      `its mappings span ${pageCount} pages, and no more than ${MAX_PAGES} are read; with a copy of ` +
        "smaps in place of maps those that hold nothing are passed over",
    );
  }
  return ranges;
}

function scanRange(scanner: PagemapScanner, file: number, { start, end, offsetBytes }: Range) {
  for (let page = start; page < end; page += PIECE_PAGES) {
    const wanted = Math.min(end - page, PIECE_PAGES) * ENTRY_BYTES;
    const piece = readRange(file, offsetBytes + (page - start) * ENTRY_BYTES, wanted);
    if (piece.length < wanted) throw new Error("it became shorter while it was read");
    scanner.add(page, new Uint32Array(piece.buffer, 0, piece.length / 4));
  }
}
