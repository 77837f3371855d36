/**
 * Reasons in words.
 *
 * @module
 */

import pc from "picocolors";
import type { SnapshotDiff } from "../core/diff.ts";
import type { Explanation, Reason, ReasonShare } from "../core/explain.ts";
import type { PageSet } from "../core/page_set.ts";
import { hugePageCount } from "../core/whole_blocks.ts";
import { processText } from "./snapshot_text.ts";
import { type Block, blocksText, type TableBlock } from "./table.ts";
import { formatBytes, formatCount, formatPages } from "./units.ts";

const WORDS: Readonly<Record<Reason, string>> = {
  written: "written",
  "huge-page": "part of a huge page",
  moved: "moved by mremap",
  "new-mapping": "in a new or grown mapping",
  dropped: "given back by the process",
};

/** {@linkcode explanationBlocks} as lines of a terminal. */
export function explanationText(result: Explanation): string {
  return blocksText(explanationBlocks(result));
}

/** A line for each reason, and what this snapshot cannot distinguish. */
export function explanationBlocks(explanation: Explanation): Block[] {
  const { snapshot } = explanation;
  const rows = possibleShares(explanation).map(({ reason, pages, populatedPages, bytes }) => {
    const hollow = pages.pageCount - populatedPages;
    const huge = hugePageCount(pages.pageCount, snapshot.pageSizeBytes);
    return [
      WORDS[reason],
      formatPages(pages.pageCount),
      formatBytes(bytes),
      reason === "huge-page" && huge > 0
        ? `${formatCount(huge)} of 2 MiB`
        : hollow > 0
        ? `${formatCount(hollow)} hold nothing`
        : "",
    ];
  });
  return [
    `${pc.bold(`why snapshot ${snapshot.index}`)} of ${processText(snapshot.process)} reports ${
      formatPages(snapshot.dirty.pageCount)
    }`,
    reasonTable(["pages", "size"], rows),
    ...doubts(explanation),
  ];
}

/** Why the pages are dirty that became so, and those that stayed so. */
export function explainedDiffText({ after, became, stayed }: SnapshotDiff): string {
  const explanation = after.explain();
  const size = (set: PageSet) => formatBytes(set.pageCount * after.pageSizeBytes);
  const rows = possibleShares(explanation).map(({ reason, pages }) => {
    const parts = [became.intersect(pages), stayed.intersect(pages)];
    return [
      WORDS[reason],
      ...parts.flatMap((part) => [formatPages(part.pageCount), size(part)]),
      "",
    ];
  });
  return blocksText([
    reasonTable(["became", "", "stayed", ""], rows),
    ...doubts(explanation),
  ]);
}

/** Only uffd-wp reports what was given back. */
function possibleShares({ snapshot, shares }: Explanation): readonly ReasonShare[] {
  return shares.filter(({ reason }) => reason !== "dropped" || snapshot.tracker === "uffd-wp");
}

function reasonTable(headings: readonly string[], rows: readonly string[][]): TableBlock {
  return {
    columns: [
      { heading: "reason", align: "left" },
      ...headings.map((heading) => ({ heading, align: "right" } as const)),
      { heading: "", align: "left" },
    ],
    rows,
  };
}

function doubts({ shares }: Explanation): string[] {
  return shares.filter((share) => share.undecidedPages > 0).map((share) =>
    pc.yellow(
      `up to ${formatPages(share.undecidedPages)} counted as written may be ` +
        `${WORDS[share.reason]}: this snapshot does not show it`,
    )
  );
}
