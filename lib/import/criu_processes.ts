/**
 * Combines what the dumps of a chain have of each process.
 *
 * @module
 */

import { PageSet } from "../core/page_set.ts";
import type { ProcessIdentity } from "../core/process.ts";
import { NO_PAGES, type PageFlag, type PageSets } from "../core/snapshot.ts";
import type { Vma } from "../core/vma.ts";
import {
  isAioRing,
  isHugetlb,
  isReadable,
  isWatched,
  toVma,
  withUnknown,
} from "./criu/mappings.ts";
import type { DumpedMapping } from "./criu/mm_image.ts";
import type { CriuDump } from "./criu_dump.ts";

/** The flags that CRIU's images give for every page; which pages exist, they show only in part. */
export const TOLD_BY_CRIU: readonly PageFlag[] = ["dirty", "hugetlb", "unwatched"];

/** What one dump holds of one process. */
export interface DumpedProcess {
  readonly vmas: readonly Vma[];
  readonly pages: PageSets;
  /** The dump that the mappings are of; undefined if there is none. */
  readonly mappedBy: CriuDump | undefined;
}

/** The mappings and pages of a process in the dump of that number. */
export function dumpedProcess(
  dumps: readonly CriuDump[],
  number: number,
  pid: number,
): DumpedProcess {
  const dump = dumps[number];
  const { written, inParent } = dump.pages(pid);
  const present = written.union(inParent);
  const mappedBy = nearest(dumps, number, (one) => one.has(pid, "mm"));
  const mappings = mappedBy?.mappings(pid) ?? [];
  const names = mappedBy?.fileNames() ?? new Map();
  const vmas = withUnknown(mappings.map((mapping) => toVma(mapping, names)), present);
  const hugetlb = PageSet.from(mappings.filter(isHugetlb));
  const unwatched = unwatchedPages(dump, mappings, present);
  return { vmas, mappedBy, pages: { ...NO_PAGES, dirty: written, present, hugetlb, unwatched } };
}

/**
 * Pages for which the images do not show whether they were written. The mappings can be those of a
 * later dump, so a page that the image has takes precedence.
 */
function unwatchedPages(
  { inventory, isPreDump }: CriuDump,
  mappings: readonly DumpedMapping[],
  present: PageSet,
): PageSet {
  const left = PageSet.from(mappings.filter((mapping) => !isWatched(mapping))).subtract(present);
  const rings = PageSet.from(mappings.filter(isAioRing)); // a dump has all of their pages, dirty or not
  const unreadable = PageSet.from(
    mappings.filter((mapping) => isWatched(mapping) && !isReadable(mapping)),
  );
  // A dump writes unreadable pages without a check whether they are dirty; a pre-dump that reads
  // memory by process_vm_readv(2) leaves them out.
  const notAsked = isPreDump ? PageSet.empty : unreadable.intersect(present);
  const leftOut = inventory.leavesUnreadable ? unreadable.subtract(present) : PageSet.empty;
  return left.union(rings).union(notAsked).union(leftOut);
}

/** The process. Images have no start time; pre-dumps have no name, so another dump's is taken. */
export function identityOf(
  dumps: readonly CriuDump[],
  number: number,
  pid: number,
): ProcessIdentity {
  const command = nearest(dumps, number, (one) => one.has(pid, "core"))?.core(pid)?.command;
  return { pid, startTimeTicks: 0, command: command ?? "unknown" };
}

/** The first dump from that number on for which `has` is true, or else the last one before. */
function nearest(
  dumps: readonly CriuDump[],
  number: number,
  has: (dump: CriuDump) => boolean,
): CriuDump | undefined {
  return dumps.slice(number).find(has) ?? dumps.slice(0, number).findLast(has);
}
