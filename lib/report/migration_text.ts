/**
 * Forecasts of live migrations in words, and as CSV.
 *
 * @module
 */

import pc from "picocolors";
import type { MigrationPlan } from "../analysis/planners/migrate.ts";
import type { Ranged } from "../analysis/ranged.ts";
import type { PreCopyOutcome, PreCopyRound } from "../analysis/planners/pre_copy.ts";
import type { StopReason } from "../analysis/planners/stop_rules.ts";
import type { Covered } from "../analysis/windows.ts";
import {
  COVERAGE_HEADINGS,
  coverageBlocks,
  coverageCells,
  coverageVerdict,
} from "./coverage_text.ts";
import { formatCsv } from "./csv.ts";
import { processText } from "./snapshot_text.ts";
import { type Block, blocksText } from "./table.ts";
import { formatBitRate, formatBytes, formatCount, formatDuration, formatRate } from "./units.ts";

/** Rounds that are listed. */
const LISTED = 12;

const REASONS: Readonly<Record<StopReason, string>> = {
  downtime: "what is left can be sent in time",
  "few-pages": "fewer than 50 pages are left",
  rounds: "29 rounds are over",
  sent: "three times the memory was sent",
  endless: "the plan ends here; QEMU would continue",
};

/** {@linkcode migrationBlocks} as lines of a terminal. */
export function migrationText(result: Ranged<MigrationPlan>): string {
  return blocksText(migrationBlocks(result));
}

/** The verdict first, then what it cannot show, how sure it is, other rules, and the rounds. */
export function migrationBlocks(plan: Ranged<MigrationPlan>): Block[] {
  const { timeline, qemu, openDowntimeNs, starts, link, coverage } = plan;
  const unknown = coverageVerdict(coverage, "whether it migrates is unknown");
  const name = processText(timeline.process, coverage);
  const { downtimeNs } = starts;
  const moments = `${formatCount(starts.count)} ${starts.count === 1 ? "moment" : "moments"}`;
  return [
    pc.bold(unknown === undefined ? `${name} ${rangedVerdict(plan)}` : `${name}: ${unknown}`),
    ...coverageBlocks(coverage),
    ...untrackedLines(plan),
    (unknown === undefined ? "" : "of the tracked memory alone: ") +
    `begun at ${moments} of the trace, ${formatCount(starts.convergedCount)} ` +
    `end within ${formatDuration(link.maxDowntimeNs)}: downtime ${
      formatDuration(downtimeNs.min)
    } ` +
    `to ${formatDuration(downtimeNs.max)}, at the median ${formatDuration(downtimeNs.p50)}`,
    ...unknown === undefined ? [neededText(plan)] : [],
    `write times inside a window are unknown, so the downtime of the first migration can be ` +
    `${formatDuration(openDowntimeNs.least)} to ${formatDuration(openDowntimeNs.most)}`,
    ...assumptions(plan),
    "",
    `${pc.bold("QEMU's rule")}: ${outcomeText(qemu)}`,
    ...roundTable(qemu.rounds),
    "",
    `${pc.bold("Xen's rule")} (Clark 2005): ${outcomeText(plan.xen)}`,
    `${pc.bold("constant rate")} (the usual formula): ${formulaText(plan)}`,
  ];
}

/** The verdict over what was reported, and where it differs, over the least that was written. */
function rangedVerdict(plan: Ranged<MigrationPlan>): string {
  const { least } = plan;
  if (least === null) return verdict(plan);
  const isSame = least.qemu.isWithinDowntime === plan.qemu.isWithinDowntime;
  if (isSame) {
    return `${verdict(plan)}; ${
      formatDuration(least.qemu.downtimeNs)
    } for the least that can have ` +
      "been written";
  }
  const downtimes = [least, plan].map(({ qemu }) => formatDuration(qemu.downtimeNs));
  return `does not surely converge over ${formatBitRate(plan.link.bytesPerSecond)}: its downtime ` +
    `would be ${downtimes.join(" to ")}, by how much of its huge pages is written` +
    neededHint(plan);
}

function neededHint({ neededBytesPerSecond }: Pick<MigrationPlan, "neededBytesPerSecond">): string {
  return neededBytesPerSecond ? `; ${formatBitRate(neededBytesPerSecond)} would do` : "";
}

/** What untracked memory adds: it is sent once, and once more if it is written meanwhile. */
function untrackedLines({ coverage, link }: MigrationPlan & Covered): string[] {
  const { untrackedPages, pageSizeBytes } = coverage;
  if (untrackedPages === 0) return [];
  const bytes = untrackedPages * pageSizeBytes;
  return [
    `untracked memory counts as sent once; if all of it is written until the end, the downtime grows ` +
    `by ${formatDuration(bytes / link.bytesPerSecond * 1e9)}`,
  ];
}

function verdict({ qemu, link, neededBytesPerSecond }: MigrationPlan): string {
  const rate = formatBitRate(link.bytesPerSecond);
  if (!qemu.isWithinDowntime) {
    const needed = neededHint({ neededBytesPerSecond });
    return `does not converge over ${rate}: the downtime would be ` +
      `${formatDuration(qemu.downtimeNs)}, not ${formatDuration(link.maxDowntimeNs)}${needed}`;
  }
  return `migrates over ${rate} in ${formatDuration(qemu.totalNs)}, with a downtime of ` +
    `${formatDuration(qemu.downtimeNs)} of them`;
}

function neededText({ neededBytesPerSecond, link }: MigrationPlan): string {
  const within = `within ${formatDuration(link.maxDowntimeNs)}`;
  return neededBytesPerSecond === null
    ? `no link is fast enough to end ${within}`
    : neededBytesPerSecond === 0
    ? `any link would do to end ${within}`
    : `the slowest link with which all of them end ${within}: ${
      formatBitRate(neededBytesPerSecond)
    }`;
}

function assumptions({ timeline, qemu }: MigrationPlan): string[] {
  const { windowCount, durationNs, traceNs, memoryPages, pageSizeBytes, isMemoryRecorded } =
    timeline;
  const gapNs = traceNs - durationNs;
  const gap = gapNs > traceNs / 100
    ? `; ${formatDuration(gapNs)} between them are left out, since nothing was seen there`
    : "";
  const repeated = qemu.totalNs > durationNs ? ", repeated from its beginning" : "";
  const memory = formatBytes(memoryPages * pageSizeBytes);
  return [
    `replayed: ${formatCount(windowCount)} ${windowCount === 1 ? "window" : "windows"}, ` +
    `${formatDuration(durationNs)}${repeated}${gap}`,
    `memory to send: ${memory}` +
    (isMemoryRecorded ? "" : ", all mapped memory: this trace does not record what exists"),
  ];
}

function outcomeText(outcome: PreCopyOutcome): string {
  const { rounds, stopReason, downtimeNs, totalNs, sentBytes } = outcome;
  return `${formatCount(rounds.length)} ${rounds.length === 1 ? "round" : "rounds"}, then ` +
    `${REASONS[stopReason]}; downtime ${formatDuration(downtimeNs)}, ` +
    `in all ${formatDuration(totalNs)} and ${formatBytes(Math.round(sentBytes))}`;
}

function formulaText({ formula }: MigrationPlan): string {
  const { lambda, dirtyBytesPerSecond, roundCount, downtimeNs, totalNs, sentBytes } = formula;
  const rate = formatRate(dirtyBytesPerSecond, 1e9);
  if (roundCount === null && lambda < 1) {
    return `${rate}, ${
      lambda.toPrecision(2)
    } of the link: with each round less is left, but never nothing`;
  }
  if (roundCount === null) {
    return `${rate} is ${lambda.toFixed(2)} of the link, so it does not converge; ` +
      `more than ${formatBitRate(dirtyBytesPerSecond)} would`;
  }
  return `${rate}, ${lambda.toPrecision(2)} of the link: ${formatCount(roundCount)} ` +
    `${roundCount === 1 ? "round" : "rounds"}; downtime ${formatDuration(downtimeNs!)}, ` +
    `in all ${formatDuration(totalNs!)} and ${formatBytes(Math.round(sentBytes!))}`;
}

function roundTable(rounds: readonly PreCopyRound[]): Block[] {
  const rows = rounds.slice(0, LISTED).map((round) => [
    formatCount(round.number),
    formatBytes(Math.round(round.sentBytes)),
    formatBitRate(round.bytesPerSecond),
    formatDuration(round.durationNs),
    formatBytes(Math.round(round.leftBytes)),
    round.number === 0 ? "" : formatDuration(round.estimatedDowntimeNs),
  ]);
  const headings = ["round", "sends", "at", "takes", "written meanwhile", "downtime if last"];
  const columns = headings.map((heading) => ({ heading, align: "right" as const }));
  const rest = rounds.length - LISTED;
  return [{ columns, rows }, ...rest > 0 ? [`and ${formatCount(rest)} more rounds`] : []];
}

/** A row for each round of each process, by either rule. */
export function migrationCsv(plans: readonly Ranged<MigrationPlan>[]): string {
  return formatCsv(
    [
      ...["pid", "command", "rule", "round", "sentBytes", "bytesPerSecond", "durationNs"],
      ...["leftBytes", "estimatedDowntimeNs", "bound", ...COVERAGE_HEADINGS],
    ],
    plans.flatMap((plan) => [
      ...roundRows(plan, "most"),
      ...plan.least === null ? [] : roundRows(plan.least, "least"),
    ]),
  );
}

/** @param bound whether the rounds are of all that was reported, or of the least that was written */
function roundRows(plan: MigrationPlan & Covered, bound: "least" | "most") {
  const { timeline: { process }, qemu, xen, coverage } = plan;
  return [qemu, xen].flatMap(({ rule, rounds }) =>
    rounds.map((round) => [
      ...[process.pid, process.command, rule, round.number, round.sentBytes],
      ...[round.bytesPerSecond, round.durationNs, round.leftBytes, round.estimatedDowntimeNs],
      ...[bound, ...coverageCells(coverage)],
    ])
  );
}
