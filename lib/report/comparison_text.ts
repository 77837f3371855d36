/**
 * Comparisons of two traces in words, and as CSV.
 *
 * @module
 */

import pc from "picocolors";
import type { Change } from "../analysis/change.ts";
import type { ComparedSide, Comparison } from "../analysis/compare.ts";
import { plainText } from "../core/plain_text.ts";
import { isMostlyUntracked } from "../core/coverage.ts";
import { COVERAGE_HEADINGS, coverageCells, coverageLines } from "./coverage_text.ts";
import { formatCsv } from "./csv.ts";
import { mappingName } from "./snapshot_text.ts";
import { type Block, blocksText, filledTable } from "./table.ts";
import { formatBytes, formatCount, formatDuration, formatRate } from "./units.ts";

/** Mappings that are listed. */
const LISTED = 20;

const rateOf = (bytes: number) => formatRate(bytes, 1e9);
const sizeOf = (bytes: number) => formatBytes(Math.round(bytes));

/** {@linkcode comparisonBlocks} as lines of a terminal. */
export function comparisonText(result: Comparison): string {
  return blocksText(comparisonBlocks(result));
}

/** The verdict first, then how sure it is, and the mappings that differ most. */
export function comparisonBlocks(one: Comparison): Block[] {
  const { rate, memory, before, after, mappings } = one;
  const command = plainText(one.command);
  if (before === null || after === null) {
    const there = before === null ? "after" : "before";
    return [pc.bold(`${command} is in the trace ${there} alone: nothing to compare it with`)];
  }
  const isUnknown = [before, after].some(({ coverage }) => isMostlyUntracked(coverage));
  const lines: Block[] = [
    pc.bold(
      isUnknown
        ? `${command}: most of its writable memory is untracked, so the traces do not compare`
        : `${command} ${verdict(rate)}`,
    ),
    ...sideCoverage("before", before),
    ...sideCoverage("after", after),
  ];
  if (memory !== null) {
    lines.push(
      `memory that exists: ${sizeOf(memory.before!)}, then ${sizeOf(memory.after!)}, ` +
        growthText(memory),
    );
  }
  lines.push(`${sideText(before)} before, ${sideText(after)} after`, ...warnings(before, after));
  const differing = mappings.filter(({ rate, memory }) =>
    rate.before !== rate.after || memory?.before !== memory?.after
  );
  if (differing.length > 0) {
    const rows = differing.slice(0, LISTED).map(({ name, rate, memory }) => [
      mappingName(name),
      ...cells(rate, rateOf),
      ...memory === null ? ["", "", ""] : cells(memory, sizeOf),
    ]);
    const right = ["dirties", "then", "change", "exists", "then", "change"];
    lines.push(
      "",
      filledTable({
        columns: [
          { heading: "mapping", align: "left" },
          ...right.map((heading) => ({ heading, align: "right" as const })),
        ],
        rows,
      }),
    );
  }
  const rest = differing.length - LISTED;
  if (rest > 0) lines.push(`and ${formatCount(rest)} more ${rest === 1 ? "name" : "names"}`);
  if (differing.some(({ rate }) => rate.growth !== null && rate.growth !== 0 && !rate.isCertain)) {
    lines.push("in parentheses: within noise");
  }
  return lines;
}

function verdict(rate: Change): string {
  const rates = `${rateOf(rate.before!)}, then ${rateOf(rate.after!)}`;
  if (rate.before === 0 && rate.after === 0) return "dirties nothing in either trace";
  if (!rate.isCertain) {
    return `dirties memory no faster or slower, within noise: ${rates}, ${growthText(rate)}`;
  }
  const isMore = rate.after! > rate.before!;
  return `dirties memory ${isMore ? "faster" : "slower"}: ${rates}, ${growthText(rate)}`;
}

function growthText({ growth, atLeast, atMost }: Change): string {
  if (growth === null) return "from nothing";
  const range = atLeast === null
    ? ""
    : ` (95 %: ${percent(atLeast)} to ${atMost === null ? "any" : percent(atMost)})`;
  return `${percent(growth)}${range}`;
}

function sideText({ processCount, windowCount, meanWindowNs }: ComparedSide): string {
  const processes = processCount === 1 ? "" : ` of ${formatCount(processCount)} processes`;
  return `${formatCount(windowCount)} ${windowCount === 1 ? "window" : "windows"}${processes} ` +
    `of ${formatDuration(meanWindowNs)}`;
}

/** What one side cannot show. */
function sideCoverage(side: "before" | "after", { coverage }: ComparedSide): Block[] {
  return coverageLines(coverage).map((line) => pc.yellow(`${side}: ${line}`));
}

function warnings(before: ComparedSide, after: ComparedSide): string[] {
  const lines: string[] = [];
  const ratio = after.meanWindowNs / before.meanWindowNs;
  if (ratio > 1.1 || ratio < 1 / 1.1) {
    lines.push(
      pc.yellow(
        "the windows differ in length: in a longer one a page counts once that in two counts twice",
      ),
    );
  }
  if (before.processCount !== after.processCount) {
    lines.push(
      pc.yellow("the number of processes differs: rates and memory are those of one, on average"),
    );
  }
  if (before.trackers.join() !== after.trackers.join()) {
    lines.push(
      pc.yellow(
        `tracked with ${before.trackers.join(" and ")} before, ${after.trackers.join(" and ")} ` +
          "after: soft-dirty reports a huge page as a whole, and whole new mappings",
      ),
    );
  }
  if (Math.min(before.windowCount, after.windowCount) < 2) {
    lines.push(pc.yellow("one window is not enough to estimate the spread"));
  }
  return lines;
}

function cells({ before, after, growth, isCertain }: Change, text: (value: number) => string) {
  const change = growth === null ? "new" : growth === 0 ? "" : percent(growth);
  return [text(before ?? 0), text(after ?? 0), isCertain || change === "" ? change : `(${change})`];
}

function percent(share: number): string {
  const value = share * 100;
  const text = Math.abs(value) < 10 ? value.toFixed(1) : value.toFixed(0);
  return `${value > 0 ? "+" : ""}${text} %`.replace(/^-(?=0(\.0)? %$)/, "");
}

/** A row for each command, with an empty mapping, and one for each of its mappings. */
export function comparisonCsv(comparisons: readonly Comparison[]): string {
  const values = (change: Change | null) =>
    change === null ? ["", "", "", "", "", ""] : [
      ...[change.before, change.after, change.growth, change.atLeast, change.atMost]
        .map((value) => value ?? ""),
      change.isCertain ? 1 : 0,
    ];
  const fields = ["Before", "After", "Growth", "AtLeast", "AtMost", "IsCertain"];
  return formatCsv(
    [
      ...["command", "mapping"],
      ...fields.map((field) => `bytesPerSecond${field}`),
      ...fields.map((field) => `memoryBytes${field}`),
      ...["Before", "After"].flatMap((side) => COVERAGE_HEADINGS.map((name) => name + side)),
    ],
    comparisons.flatMap(({ command, before, after, rate, memory, mappings }) => {
      const covered = [before, after].flatMap((side) =>
        side === null ? COVERAGE_HEADINGS.map(() => "") : coverageCells(side.coverage)
      );
      return [
        [command, "", ...values(rate), ...values(memory), ...covered],
        ...mappings.map((one) => [
          ...[command, one.name || "[anon]", ...values(one.rate), ...values(one.memory)],
          ...covered,
        ]),
      ];
    }),
  );
}
