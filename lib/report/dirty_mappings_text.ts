/**
 * Mappings and what was done to them in words, and as CSV.
 *
 * @module
 */

import pc from "picocolors";
import type { DirtyMappings, MappingHistory } from "../analysis/dirty_mappings.ts";
import { formatAddress } from "../core/address.ts";
import { isGroup } from "../core/group_snapshots.ts";
import type { Covered } from "../analysis/windows.ts";
import {
  COVERAGE_HEADINGS,
  coverageBlocks,
  coverageCells,
  coverageVerdict,
} from "./coverage_text.ts";
import { formatCsv } from "./csv.ts";
import { mappingName, processText } from "./snapshot_text.ts";
import { type Block, blocksText, filledTable, type TableBlock } from "./table.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPages,
  formatRate,
  formatShare,
} from "./units.ts";

/** Mappings that are listed; the rest is summed up. */
const LISTED = 20;

/** {@linkcode dirtyMappingsBlocks} as lines of a terminal. */
export function dirtyMappingsText(result: DirtyMappings & Covered): string {
  return blocksText(dirtyMappingsBlocks(result));
}

/** The verdict first, then what it cannot show, and a row for each mapping that was dirty or new. */
export function dirtyMappingsBlocks(all: DirtyMappings & Covered): Block[] {
  const { process, mappings, windowCount, durationNs, leftOut, coverage } = all;
  const name = processText(process, coverage);
  const unknown = coverageVerdict(coverage, "which mappings it writes to is unknown");
  const active = mappings.filter((one) => one.dirtyPages + one.newPages + one.renewedPages > 0);
  const lines: Block[] = [
    pc.bold(unknown === undefined ? `${name} ${verdict(all)}` : `${name}: ${unknown}`),
    ...coverageBlocks(coverage),
    `seen in ${formatCount(windowCount)} ${windowCount === 1 ? "window" : "windows"}, ` +
    `${formatDuration(durationNs)} in all; ` +
    `${formatCount(mappings.length - active.length)} mappings were only read, or not used`,
  ];
  if (all.once !== null) lines.push(onceText(all));
  if (active.length > 0) lines.push("", mappingTable(all, active.slice(0, LISTED)));
  const restCount = Math.max(0, active.length - LISTED) + leftOut.mappingCount;
  if (restCount > 0) {
    const rest = active.slice(LISTED).reduce((sum, one) => sum + one.dirtyPages, 0);
    const pages = formatPages(rest + leftOut.dirtyPages);
    lines.push(`and ${formatCount(restCount)} more with ${pages} dirty`);
  }
  return lines;
}

/** How few mappings take nine tenths of all writes. */
function verdict({ mappings, leftOut }: DirtyMappings): string {
  const total = mappings.reduce((sum, one) => sum + one.dirtyPages, leftOut.dirtyPages);
  if (total === 0) return "wrote to none of its mappings in the windows that were tracked";
  let [count, sum] = [0, 0];
  while (sum < total * 0.9 && count < mappings.length) sum += mappings[count++].dirtyPages;
  const of = formatCount(mappings.length + leftOut.mappingCount);
  const most = `${mappingName(mappings[0].name)} ${formatShare(mappings[0].dirtyPages, total)}`;
  return `writes mostly to ${formatCount(count)} of ${of} mappings: ` +
    `${formatShare(sum, total)} of its dirty pages` + (count === 1 ? "" : `, ${most} in one`);
}

/** Both views: by address, and by the memory behind it. */
function onceText({ mappings, leftOut, once, pageSizeBytes }: DirtyMappings): string {
  const pages = mappings.reduce((sum, one) => sum + one.distinctDirtyPages, 0) +
    leftOut.distinctDirtyPages;
  const bytes = (count: number) => formatBytes(count * pageSizeBytes);
  return `some shared memory is mapped several times: ${bytes(pages)} dirty by address, ` +
    `${bytes(once!.distinctDirtyPages)} of memory`;
}

function mappingTable(
  { process, pageSizeBytes, durationNs }: DirtyMappings,
  mappings: readonly MappingHistory[],
): TableBlock {
  const bytes = (pages: number) => formatBytes(pages * pageSizeBytes);
  const some = (pages: number) => pages === 0 ? "" : bytes(pages);
  const rows = mappings.map((one) => [
    mappingName(one.name),
    // The pages of a group lie at no address of any process.
    isGroup(process) ? "" : formatAddress(one.start, pageSizeBytes),
    one.perms,
    bytes(one.end - one.start),
    one.presentPages === null ? "" : bytes(one.presentPages),
    bytes(one.distinctDirtyPages),
    formatRate(one.dirtyPages * pageSizeBytes, durationNs),
    some(one.newPages),
    some(one.renewedPages),
    one.timesMapped > 1 ? `${formatCount(one.timesMapped)} ×` : "",
    one.isThere ? "" : "gone",
  ]);
  const right = (heading: string) => ({ heading, align: "right" as const });
  return filledTable({
    columns: [
      { heading: "mapping", align: "left" },
      right("address"),
      { heading: "perms", align: "left" },
      ...["size", "present", "dirty", "rate", "new", "renewed", "mapped"].map(right),
      { heading: "", align: "left" },
    ],
    rows,
  });
}

/** A row for each mapping of each process. */
export function dirtyMappingsCsv(all: readonly (DirtyMappings & Covered)[]): string {
  return formatCsv(
    [
      ...["pid", "command", "mapping", "perms", "address", "pages", "presentPages", "dirtyPages"],
      ...["distinctDirtyPages", "newPages", "renewedPages", "bytesPerSecond"],
      ...["firstSeenNs", "lastSeenNs", "isThere", "timesMapped", ...COVERAGE_HEADINGS],
    ],
    all.flatMap(({ process: { pid, command }, pageSizeBytes, durationNs, mappings, coverage }) =>
      mappings.map((one) => [
        ...[pid, command, one.name || "[anon]", one.perms],
        ...[formatAddress(one.start, pageSizeBytes), one.end - one.start, one.presentPages ?? ""],
        ...[one.dirtyPages, one.distinctDirtyPages, one.newPages, one.renewedPages],
        ...[one.dirtyPages * pageSizeBytes / durationNs * 1e9, one.firstSeenNs, one.lastSeenNs],
        one.isThere ? 1 : 0,
        one.timesMapped,
        ...coverageCells(coverage),
      ])
    ),
  );
}
