/**
 * What has to be said of a trace that is made of CRIU's images: a sentence for each thing that it does
 * not show as softdirty itself would.
 *
 * @module
 */

import type { CriuDump, PageCounts } from "./criu_dump.ts";

/** Names that are listed; of more there are only the first and the last. */
const LISTED = 6;

/** The remarks, the most important first. */
export function criuRemarks(
  dumps: readonly CriuDump[],
  counted: readonly ReadonlyMap<number, PageCounts>[],
  clock: string,
): string[] {
  const remarks = [
    `imported from ${dumps.length} dumps of CRIU, oldest first: ${names(dumps)}`,
    clock,
  ];
  const first = [...counted[0].values()];
  remarks.push(
    first.some(({ inParentCount }) => inParentCount > 0)
      ? `${
        dumps[0].name
      } was made against a dump that is not here: since when its pages are dirty ` +
        "is not known"
      : `${dumps[0].name} has all pages, dirty or not: it has no parent`,
  );
  remarks.push(
    "shared memory, and what CRIU does not dump, is in no image of a process: not tracked; files " +
      "that are mapped privately and zero pages are not reported as present",
  );
  const preDumps = dumps.filter(({ isPreDump }) => isPreDump);
  const isMapped = dumps.some((dump) => dump.pids.some((pid) => dump.has(pid, "mm")));
  if (preDumps.length > 0) {
    remarks.push(
      `${names(preDumps)}: pre-dumps hold no mappings and no names of processes; ` +
        (isMapped
          ? "those of the next dump that has them are shown, and pages outside of them as [unknown]"
          : "mappings are made up of the pages, as [unknown]"),
    );
  }
  const leaving = dumps.filter(({ inventory }) => inventory.leavesUnreadable);
  if (leaving.length > 0) {
    remarks.push(
      `${
        names(leaving)
      }: pre-dumps of mode read leave out what the process may not read: not tracked`,
    );
  }
  remarks.push(
    "CRIU itself writes to a page of code of each process, to run its own there: it is dirty in each " +
      "dump",
  );
  return remarks;
}

function names(dumps: readonly CriuDump[]): string {
  const listed = dumps.length <= LISTED ? dumps : [dumps[0], dumps[dumps.length - 1]];
  return listed.map(({ name }) => name).join(dumps.length <= LISTED ? ", " : " ... ");
}
