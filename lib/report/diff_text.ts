/**
 * A diff in words.
 *
 * @module
 */

import pc from "picocolors";
import { formatAddress } from "../core/address.ts";
import type { SnapshotDiff } from "../core/diff.ts";
import type { MappingChange } from "../core/mapping_changes.ts";
import type { PageSet } from "../core/page_set.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { coverageOf, mergeWindows } from "../core/coverage.ts";
import { untrackedBlocks } from "./coverage_text.ts";
import { mappingName, processText } from "./snapshot_text.ts";
import { type Block, blocksText, type TableBlock } from "./table.ts";
import { formatBytes, formatCount, formatPages } from "./units.ts";

const LISTED = 20;

/** {@linkcode diffBlocks} as lines of a terminal. */
export function diffText(result: SnapshotDiff): string {
  return blocksText(diffBlocks(result));
}

/** Page counts, changed mappings, and what makes the comparison doubtful. */
export function diffBlocks(diff: SnapshotDiff): Block[] {
  const { before, after } = diff;
  const lines: Block[] = [
    `${pc.bold(`snapshot ${before.index} → ${after.index}`)} of ${processesText(diff)}`,
    pageTable(diff),
  ];
  if (diff.mappings.length > 0) {
    lines.push("", ...mappingTable(diff.mappings, after.pageSizeBytes));
  }
  return [
    ...lines,
    ...untrackedBlocks(mergeWindows(coverageOf(before), coverageOf(after))),
    ...warnings(diff),
  ];
}

/** One name, or both where they differ. */
function processesText({ before, after }: SnapshotDiff): string {
  const [a, b] = [processText(before.process), processText(after.process)];
  return a === b ? a : `${a} → ${b}`;
}

function pageTable(diff: SnapshotDiff): TableBlock {
  const row = (label: string, set: PageSet, snapshot: Snapshot): string[] => {
    const populated = set.intersect(snapshot.populated).pageCount;
    const hollow = set.pageCount - populated;
    return [
      label,
      formatPages(populated),
      formatBytes(populated * snapshot.pageSizeBytes),
      hollow > 0 ? `and ${formatCount(hollow)} that hold nothing` : "",
    ];
  };
  const aligned = ["left", "right", "right", "left"] as const;
  return {
    columns: aligned.map((align) => ({ heading: "", align })),
    rows: [
      row("became dirty", diff.became, diff.after),
      row("ceased to be", diff.ceased, diff.before),
      row("stayed dirty", diff.stayed, diff.after),
    ],
  };
}

function mappingTable(changes: readonly MappingChange[], pageSizeBytes: number): Block[] {
  const rows = changes.slice(0, LISTED).map((change) => {
    const { before, after, kind, start, end } = change;
    const perms = before !== null && after !== null && before.perms !== after.perms
      ? `${before.perms} → ${after.perms}`
      : (after ?? before)!.perms;
    return [
      kind,
      mappingName((after ?? before)!.name),
      formatAddress(start, pageSizeBytes),
      perms,
      formatPages(end - start),
    ];
  });
  const columns = [
    { heading: "change", align: "left" as const },
    { heading: "mapping", align: "left" as const },
    { heading: "address", align: "right" as const },
    { heading: "perms", align: "left" as const },
    { heading: "part", align: "right" as const },
  ];
  const rest = changes.length - LISTED;
  return [
    { columns, rows },
    ...rest > 0 ? [`and ${formatCount(rest)} more changed mappings`] : [],
  ];
}

function warnings(diff: SnapshotDiff): string[] {
  const lines: string[] = [];
  if (!diff.isSameProcess) {
    lines.push(pc.yellow("These are different processes: equal addresses need not mean the same."));
  }
  if (diff.isSameProcess && diff.before.process.command !== diff.after.process.command) {
    lines.push(pc.yellow("The command changed: after an exec every mapping is new."));
  }
  if (!diff.clearedByOthers.isEmpty) {
    lines.push(pc.yellow(
      `${
        formatPages(diff.clearedByOthers.pageCount)
      } lost the dirty bit without a clear of this session: ` +
        "another tool tracks this process too, or the pages were dropped and only read again.",
    ));
  }
  return lines;
}
