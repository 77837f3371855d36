/**
 * Holds what a snapshot tells against what was really written.
 *
 * @module
 */

import { type Reason, REASONS } from "../../../lib/core/explain.ts";
import { PageSet } from "../../../lib/core/page_set.ts";
import type { Snapshot } from "../../../lib/core/snapshot.ts";
import type { ByCause, Cause, Played } from "./mode.ts";
import type { Counts, Reading } from "./row.ts";

/**
 * @param by the way in which the snapshot was read
 * @param kernelReports the pages that the kernel itself reports, read without the library
 */
export function judge(
  played: Played,
  by: string,
  snapshot: Snapshot,
  kernelReports: PageSet,
): Reading {
  const { region, written } = played;
  const untracked = snapshot.untracked.intersect(region);
  const dirty = snapshot.dirty.intersect(region);
  const known = { by, reported: dirty.pageCount };
  if (!untracked.isEmpty) {
    const problems = untracked.equals(region) ? [] : ["only a part is told as not tracked"];
    return { ...known, isNotTracked: true, missed: {}, extra: {}, problems };
  }
  const explanation = snapshot.explain();
  const extra = dirty.subtract(written);
  const missed = take(written.subtract(dirty), written, played.mayMiss);
  const unwritten = take(
    extra.intersect(explanation.pages("written")),
    region.subtract(written),
    played.mayAdd,
  );
  const problems = [
    said(missed.left, "missed, and nothing is known to lose them"),
    said(unwritten.left, "reported as written, which they were not, and nothing explains it"),
    said(kernelReports.subtract(dirty), "reported by the kernel, and not by the snapshot"),
    said(dirty.subtract(kernelReports), "reported by the snapshot, and not by the kernel"),
  ];
  const reasons = REASONS.filter((reason) => reason !== "written").map((reason) => {
    const pages = extra.intersect(explanation.pages(reason));
    if (!played.reasons?.includes(reason)) {
      problems.push(said(pages, `explained as ${reason}, which is not so`));
    }
    return [reason, pages.pageCount] as const;
  });
  return {
    ...known,
    isNotTracked: false,
    missed: missed.counts,
    extra: { ...counted(reasons), ...unwritten.counts },
    problems: problems.filter((problem) => problem !== ""),
  };
}

/**
 * Divides pages among causes.
 *
 * @param candidates the pages that causes can take at all: each takes all of its own, or none
 */
function take(
  pages: PageSet,
  candidates: PageSet,
  causes: ByCause = {},
): { counts: Counts<Cause>; left: PageSet } {
  let left = pages;
  const counts: Array<readonly [Cause, number]> = [];
  for (const [cause, set] of Object.entries(causes) as Array<[Cause, PageSet]>) {
    const own = set.intersect(candidates);
    if (own.isEmpty || !own.subtract(left).isEmpty) continue;
    counts.push([cause, own.pageCount]);
    left = left.subtract(own);
  }
  return { counts: counted(counts), left };
}

function counted<Name extends Reason | Cause>(
  counts: ReadonlyArray<readonly [Name, number]>,
): Counts<Name> {
  return Object.fromEntries(counts.filter(([, count]) => count > 0)) as Counts<Name>;
}

function said(pages: PageSet, what: string): string {
  return pages.isEmpty ? "" : `${pages.pageCount} pages ${what}`;
}
