/**
 * Phases in words, and as CSV.
 *
 * @module
 */

import pc from "picocolors";
import type { Phase, Phases } from "../analysis/phases.ts";
import type { Covered } from "../analysis/windows.ts";
import {
  COVERAGE_HEADINGS,
  coverageBlocks,
  coverageCells,
  coverageVerdict,
} from "./coverage_text.ts";
import { formatCsv } from "./csv.ts";
import { mappingName, processText } from "./snapshot_text.ts";
import { type Block, blocksText, filledTable } from "./table.ts";
import { formatBytes, formatCount, formatDuration, formatRate, formatShare } from "./units.ts";

/** Phases that are listed. */
const LISTED = 40;

/** {@linkcode phasesBlocks} as lines of a terminal. */
export function phasesText(result: Phases & Covered): string {
  return blocksText(phasesBlocks(result));
}

/** The verdict first, then what it cannot show, and a row for each phase. */
export function phasesBlocks(result: Phases & Covered): Block[] {
  const { process, phases, windowCount, pageSizeBytes, coverage } = result;
  const name = processText(process, coverage);
  const unknown = coverageVerdict(coverage, "when it changes how it writes is unknown");
  const [first] = phases;
  const rates = phases.map(({ meanBytesPerSecond }) => meanBytesPerSecond);
  const windows = `${formatCount(windowCount)} ${windowCount === 1 ? "window" : "windows"}`;
  const verdict = phases.length === 1
    ? `writes in the same way all the time: ${formatRate(first.meanBytesPerSecond, 1e9)} ` +
      `over ${windows}`
    : `has ${formatCount(phases.length)} phases in ${windows}, from ` +
      `${formatRate(Math.min(...rates), 1e9)} to ${formatRate(Math.max(...rates), 1e9)}`;
  const rows = phases.slice(0, LISTED).map((phase, i) => [
    formatCount(i + 1),
    formatDuration(phase.startNs),
    formatDuration(phase.endNs - phase.startNs),
    formatCount(phase.windowCount),
    formatRate(phase.meanBytesPerSecond, 1e9),
    formatBytes(phase.workingSetPages * pageSizeBytes),
    phase.difference === null ? "" : phase.difference >= 3 ? "clear" : "faint",
    namesText(phase),
  ]);
  const right = ["phase", "from", "lasts", "windows", "rate", "working set", "change"];
  const columns = [
    ...right.map((heading) => ({ heading, align: "right" as const })),
    { heading: "mostly in", align: "left" as const },
  ];
  const rest = phases.length - LISTED;
  return [
    pc.bold(unknown === undefined ? `${name} ${verdict}` : `${name}: ${unknown}`),
    ...coverageBlocks(coverage),
    "",
    filledTable({ columns, rows }),
    ...rest > 0 ? [`and ${formatCount(rest)} more phases`] : [],
  ];
}

function namesText({ mappings }: Phase): string {
  return mappings.map(({ name, share }) => `${mappingName(name)} ${formatShare(share, 1)}`)
    .join(", ");
}

/** A row for each phase of each process. */
export function phasesCsv(all: readonly (Phases & Covered)[]): string {
  return formatCsv(
    [
      ...["pid", "command", "phase", "startNs", "endNs", "windows", "meanBytesPerSecond"],
      ...["workingSetPages", "difference", "mapping", ...COVERAGE_HEADINGS],
    ],
    all.flatMap(({ process: { pid, command }, phases, coverage }) =>
      phases.map((phase, i) => [
        ...[pid, command, i + 1, phase.startNs, phase.endNs, phase.windowCount],
        ...[phase.meanBytesPerSecond, phase.workingSetPages, phase.difference ?? ""],
        phase.mappings.length === 0 ? "" : phase.mappings[0].name || "[anon]",
        ...coverageCells(coverage),
      ])
    ),
  );
}
