/**
 * Compares what a snapshot reports with what was really written.
 *
 * @module
 */

import { blurredBlocks } from "../../../lib/core/blurred_blocks.ts";
import { type Reason, REASONS } from "../../../lib/core/explain.ts";
import { memoryOf } from "../../../lib/core/memory_kinds.ts";
import { PageSet } from "../../../lib/core/page_set.ts";
import { coverageOf } from "../../../lib/core/coverage.ts";
import { selectPages, type Snapshot } from "../../../lib/core/snapshot.ts";
import { type ByCause, type Cause, PARTIAL, type Played } from "./mode.ts";
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
    const reasons = coverageOf(selectPages(snapshot, snapshot.vmas, region)).untracked;
    const problems = [
      untracked.equals(region) ? "" : "only a part is reported as untracked",
      reasons.length === 1 ? "" : `not tracked for ${reasons.length} reasons`,
    ].filter((problem) => problem !== "");
    return { ...known, untrackedBy: reasons[0].reason, missed: {}, extra: {}, problems };
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
    said(
      written.intersect(dirty).subtract(snapshot.dirtyPopulated)
        .subtract(explanation.pages("dropped")),
      "written, and counted as if they did not exist",
    ),
    said(kernelReports.subtract(dirty), "reported by the kernel, and not by the snapshot"),
    said(dirty.subtract(kernelReports), "reported by the snapshot, and not by the kernel"),
    ...unstated(snapshot, [...Object.entries(missed.pages), ...Object.entries(unwritten.pages)]),
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
    untrackedBy: null,
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
): { counts: Counts<Cause>; pages: Partial<Record<Cause, PageSet>>; left: PageSet } {
  let left = pages;
  const taken: Partial<Record<Cause, PageSet>> = {};
  const counts: Array<readonly [Cause, number]> = [];
  for (const [cause, set] of Object.entries(causes) as Array<[Cause, PageSet]>) {
    const all = set.intersect(candidates);
    const own = PARTIAL.has(cause) ? all.intersect(left) : all;
    if (own.isEmpty || !own.subtract(left).isEmpty) continue;
    counts.push([cause, own.pageCount]);
    taken[cause] = own;
    left = left.subtract(own);
  }
  return { counts: counted(counts), pages: taken, left };
}

/**
 * What a snapshot must say where a cause took pages: that it can be so. Of the other causes nothing shows;
 * lib/kernel/TRACKING.md has them under "What no snapshot shows".
 */
const STATED: { readonly [cause in Cause]?: (snapshot: Snapshot, pages: PageSet) => boolean } = {
  reclaimed: (snapshot) => coverageOf(snapshot).reclaimablePages > 0,
  merged: ({ pages: { mergeable } }, pages) => pages.subtract(mergeable).isEmpty,
  device: (snapshot, pages) => coverageOf(snapshot).deviceWritablePages >= pages.pageCount,
  dropped: (snapshot, pages) => {
    const { droppedPages, reclaimablePages } = coverageOf(snapshot);
    const isShared = pages.subtract(memoryOf(snapshot.vmas, "shared")).isEmpty;
    return isShared ? reclaimablePages > 0 : (droppedPages ?? 0) >= pages.pageCount;
  },
  split: (snapshot, pages) =>
    blurredBlocks(snapshot).reduce((rest, one) => rest.subtract(one.pages), pages).isEmpty,
  folio: ({ conditions }) => conditions.folioPages.length > 0,
};

function unstated(snapshot: Snapshot, taken: ReadonlyArray<readonly [string, PageSet]>): string[] {
  return taken
    .filter(([cause, pages]) => !(STATED[cause as Cause]?.(snapshot, pages) ?? true))
    .map(([cause, pages]) => said(pages, `${cause}, which the snapshot does not state`));
}

function counted<Name extends Reason | Cause>(
  counts: ReadonlyArray<readonly [Name, number]>,
): Counts<Name> {
  return Object.fromEntries(counts.filter(([, count]) => count > 0)) as Counts<Name>;
}

function said(pages: PageSet, what: string): string {
  return pages.isEmpty ? "" : `${pages.pageCount} pages ${what}`;
}
