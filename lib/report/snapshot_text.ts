/**
 * A snapshot in words: what was written, where, and how it was seen.
 *
 * @module
 */

import pc from "picocolors";
import { eachMappingUse, type MappingUse } from "../analysis/mapping_use.ts";
import { formatAddress } from "../core/address.ts";
import { type Coverage, coverageOf } from "../core/coverage.ts";
import { isGroup } from "../core/group_snapshots.ts";
import type { ProcessIdentity } from "../core/process.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { plainText } from "../core/plain_text.ts";
import { hugePageCount, wholeHugeBlocks } from "../core/whole_blocks.ts";
import { programName } from "../core/program.ts";
import { untrackedBlocks } from "./coverage_text.ts";
import { type Block, blocksText } from "./table.ts";
import { formatBytes, formatCount, formatDuration, formatPages, formatShare } from "./units.ts";

/** Mappings that are listed; the rest is summed up. */
const LISTED = 12;
const NAME_LENGTH = 44;

/**
 * `redis-server (pid 42)`, or `python3 train.py (pid 42)` where its name says less; of a whole group `the group of 3 processes`.
 */
export function processText(
  process: ProcessIdentity,
  coverage?: Pick<Coverage, "processes">,
): string {
  if (isGroup(process)) {
    const count = coverage?.processes.length;
    return count === undefined
      ? plainText(process.command)
      : `the group of ${formatCount(count)} processes`;
  }
  return `${plainText(programName(process))} (pid ${process.pid})`;
}

/** A mapping's name as it is printed: `[anon]` for memory without one. */
export function mappingName(name: string): string {
  return name === "" ? "[anon]" : plainText(name, NAME_LENGTH);
}

/** Of a path its last part, where there is no room for all of it. */
export function lastPart(name: string): string {
  return name.startsWith("/") ? name.slice(name.lastIndexOf("/") + 1) : name;
}

/** {@linkcode snapshotBlocks} as lines of a terminal. */
export function snapshotText(result: Snapshot): string {
  return blocksText(snapshotBlocks(result));
}

/** A headline, the totals, and the mappings with dirty pages, most first. */
export function snapshotBlocks(snapshot: Snapshot): Block[] {
  if (snapshot.vmas.length === 0) return [headline(snapshot), "no mapping meets the conditions"];
  const lines: Block[] = [headline(snapshot), totals(snapshot)];
  lines.push(...unpopulatedLines(snapshot));
  lines.push(...untrackedBlocks(coverageOf(snapshot)));
  lines.push(...hugeLines(snapshot), ...windowLines(snapshot));
  const uses: MappingUse[] = [];
  for (const use of eachMappingUse(snapshot)) if (use.dirtyPages > 0) uses.push(use);
  if (uses.length > 0) lines.push("", ...mappingTable(uses, snapshot));
  return lines;
}

/** How many reported pages do not exist, and why they are reported. */
function unpopulatedLines({ dirtyUnpopulated, pages, tracker }: Snapshot): string[] {
  // To uffd-wp a page that was dropped has changed; soft-dirty forgets it.
  const dropped = tracker === "uffd-wp" ? dirtyUnpopulated.subtract(pages.newMapping).pageCount : 0;
  const unwritten = dirtyUnpopulated.pageCount - dropped;
  const lines: string[] = [];
  if (unwritten > 0) {
    lines.push(
      `and ${
        formatPages(unwritten)
      } of new or grown mappings that hold nothing: reported, not written`,
    );
  }
  if (dropped > 0) {
    lines.push(`and ${formatPages(dropped)} that were dropped, and hold nothing now`);
  }
  return lines;
}

/** What of the dirty pages is reported by 2 MiB, or may be. */
function hugeLines(snapshot: Snapshot): string[] {
  const { dirtyPopulated, pages, pageSizeBytes } = snapshot;
  const isKnown = snapshot.knows("huge");
  const { pageCount } = isKnown
    ? dirtyPopulated.intersect(pages.huge)
    : wholeHugeBlocks(dirtyPopulated, pageSizeBytes);
  if (pageCount === 0) return [];
  const count = formatCount(hugePageCount(pageCount, pageSizeBytes));
  return [
    isKnown
      ? `${
        formatPages(pageCount)
      } of them are in ${count} huge pages; a single write marks a whole huge page`
      : `${formatPages(pageCount)} of them fill ${count} aligned 2 MiB: ` +
        "if those are huge pages, a single write marks a whole one",
  ];
}

/** In which time a write may have been lost. */
function windowLines({ sinceClear }: Snapshot): string[] {
  const unseenNs = sinceClear?.unseenNs ?? 0;
  if (unseenNs === 0) return [];
  return [
    `writes in the ${formatDuration(unseenNs)} before the clear finished might have been missed`,
  ];
}

function headline(snapshot: Snapshot): string {
  const { process, sinceClear, atNs, durationNs, stoppedNs } = snapshot;
  const since = sinceClear === null
    ? "never cleared before"
    : `${formatDuration(atNs - sinceClear.atNs)} after the clear`;
  return pc.bold(`snapshot ${snapshot.index}`) +
    ` of ${processText(process)}, ${since}, read in ${formatDuration(durationNs)}` +
    (stoppedNs > 0 ? `, stopped for ${formatDuration(stoppedNs)}` : "");
}

function totals(snapshot: Snapshot): string {
  const dirty = snapshot.dirtyPopulated.pageCount;
  const populated = snapshot.populated.pageCount;
  const total = `${pc.bold(formatPages(dirty))} dirty, ${
    formatBytes(dirty * snapshot.pageSizeBytes)
  }`;
  if (!snapshot.knows("present")) return total;
  return `${total}: ${formatShare(dirty, populated)} of ${formatCount(populated)} populated`;
}

function mappingTable(uses: readonly MappingUse[], snapshot: Snapshot): Block[] {
  const { pageSizeBytes } = snapshot;
  const sorted = [...uses].sort((a, b) =>
    b.dirtyPopulatedPages - a.dirtyPopulatedPages || b.dirtyPages - a.dirtyPages
  );
  const rows = sorted.slice(0, LISTED).map((use) => [
    mappingName(use.vma.name),
    formatAddress(use.vma.start, pageSizeBytes),
    use.vma.perms,
    formatCount(use.dirtyPopulatedPages),
    formatBytes(use.dirtyPopulatedPages * pageSizeBytes),
    use.populatedPages === null ? "" : formatShare(use.dirtyPopulatedPages, use.populatedPages),
    use.dirtyPages > use.dirtyPopulatedPages
      ? `+${formatCount(use.dirtyPages - use.dirtyPopulatedPages)} new`
      : "",
  ]);
  const rest = sorted.slice(LISTED);
  const columns = [
    { heading: "mapping", align: "left" as const },
    { heading: "address", align: "right" as const },
    { heading: "perms", align: "left" as const },
    ...["dirty", "size", "of it"].map((heading) => ({ heading, align: "right" as const })),
    { heading: "", align: "left" as const },
  ];
  if (rest.length === 0) return [{ columns, rows }];
  const pages = rest.reduce((sum, use) => sum + use.dirtyPopulatedPages, 0);
  return [
    { columns, rows },
    `and ${formatCount(rest.length)} more mappings with ${formatPages(pages)} dirty`,
  ];
}
