/**
 * Dirty rates in words, and as CSV.
 *
 * @module
 */

import pc from "picocolors";
import type { Ranged } from "../analysis/ranged.ts";
import type { DirtyRate, MappingRate, RateOfPages } from "../analysis/rate.ts";
import {
  COVERAGE_HEADINGS,
  coverageBlocks,
  coverageCells,
  coverageVerdict,
} from "./coverage_text.ts";
import { formatCsv } from "./csv.ts";
import { mappingName, processText } from "./snapshot_text.ts";
import { type Block, blocksText } from "./table.ts";
import { formatBytes, formatCount, formatDuration, formatShare } from "./units.ts";

/** Mappings that are listed; the rest is summed up. */
const LISTED = 12;

const perSecond = (bytes: number) => `${formatBytes(Math.round(bytes))}/s`;

/** {@linkcode rateBlocks} as lines of a terminal. */
export function rateText(result: Ranged<DirtyRate>): string {
  return blocksText(rateBlocks(result));
}

/** The verdict first, then what it cannot show, how it spreads, and by mapping. */
export function rateBlocks(rate: Ranged<DirtyRate>): Block[] {
  const { process, durationNs, shortestNs, bytesPerSecond, meanBytesPerSecond, least } = rate;
  const { count, min, p50, p90, max } = bytesPerSecond;
  const windows = `${formatCount(count)} ${count === 1 ? "window" : "windows"}`;
  const unknown = coverageVerdict(rate.coverage, "its dirty rate is unknown");
  const range = least === null
    ? perSecond(meanBytesPerSecond)
    : `between ${perSecond(least.meanBytesPerSecond)} and ${perSecond(meanBytesPerSecond)}`;
  const name = processText(process, rate.coverage);
  const over = `over ${windows} of ${formatDuration(durationNs / count)}` +
    (count === 1 ? "" : " on average");
  const lines: Block[] = [
    unknown === undefined
      ? `${pc.bold(`${name} dirties ${range}`)}, ${over}`
      : `${pc.bold(`${name}: ${unknown}`)}; the rest dirties ${range}, ${over}`,
    ...coverageBlocks(rate.coverage),
  ];
  if (count > 1) {
    lines.push(
      `half of them up to ${perSecond(p50)}, nine in ten up to ${perSecond(p90)}; ` +
        `from ${perSecond(min)} to ${perSecond(max)}`,
    );
  }
  if (shortestNs < durationNs * 0.99) {
    lines.push(
      `windows include the clear and the read; excluding both, the rate would be ` +
        (shortestNs > 0 ? perSecond(meanBytesPerSecond * durationNs / shortestNs) : "any rate"),
    );
  }
  if (rate.mappings.length > 0) lines.push("", ...mappingTable(rate));
  return lines;
}

function mappingTable({ mappings, dirtyPages, pageSizeBytes, durationNs }: DirtyRate): Block[] {
  const rows = mappings.slice(0, LISTED).map((one) => [
    mappingName(one.name),
    perSecond(one.meanBytesPerSecond),
    formatShare(one.dirtyPages, dirtyPages),
    perSecond(one.bytesPerSecond.p50),
    perSecond(one.bytesPerSecond.max),
  ]);
  const columns = [
    { heading: "mapping", align: "left" as const },
    ...["mean", "of all", "median", "most"].map((heading) => ({
      heading,
      align: "right" as const,
    })),
  ];
  const rest = mappings.slice(LISTED);
  if (rest.length === 0) return [{ columns, rows }];
  const pages = rest.reduce((sum, one) => sum + one.dirtyPages, 0);
  const bytes = pages * pageSizeBytes / durationNs * 1e9;
  return [
    { columns, rows },
    `and ${formatCount(rest.length)} more names with ${perSecond(bytes)}`,
  ];
}

const HEADINGS = [
  ...["pid", "command", "mapping", "dirtyPages", "meanBytesPerSecond", "windows"],
  ...["min", "p25", "p50", "p75", "p90", "p99", "max", "leastMeanBytesPerSecond"],
  ...COVERAGE_HEADINGS,
];

/** A row for each process, with an empty mapping, and one for each of its mappings. */
export function rateCsv(rates: readonly Ranged<DirtyRate>[]): string {
  return formatCsv(
    HEADINGS,
    rates.flatMap((rate) => {
      const row = (mapping: string, one: RateOfPages | MappingRate) => {
        const { count, min, p25, p50, p75, p90, p99, max } = one.bytesPerSecond;
        const { pid, command } = rate.process;
        const counts = [one.dirtyPages, one.meanBytesPerSecond, count];
        return [
          ...[pid, command, mapping, ...counts, min, p25, p50, p75, p90, p99, max],
          leastOf(rate, mapping, one).meanBytesPerSecond,
          ...coverageCells(rate.coverage),
        ];
      };
      return [row("", rate), ...rate.mappings.map((one) => row(one.name || "[anon]", one))];
    }),
  );
}

/** The lower bound of a row; the row itself where there is no other one. */
function leastOf(
  { least }: Ranged<DirtyRate>,
  mapping: string,
  one: RateOfPages | MappingRate,
): RateOfPages {
  if (least === null) return one;
  if (mapping === "") return least;
  return least.mappings.find(({ name }) => name === (one as MappingRate).name) ?? one;
}
