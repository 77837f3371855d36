/// <reference lib="dom" />
/**
 * What was recorded, where, and with which tracker; and which process is shown.
 *
 * @module
 */

import { programName } from "../core/program.ts";
import type { ProcessReport, ReportData, TotalReport } from "../report/html/report_data.ts";
import { formatBytes, formatCount } from "../report/units.ts";
import { element } from "./dom.ts";

/** The head of the report. */
export function aboutSection(
  { about, processes, leftOutCount, total }: ReportData,
  show: (process: ProcessReport) => void,
): HTMLElement {
  const facts: [string, string][] = [
    ["Trace", `${about.name}, ${formatBytes(about.sizeBytes)}`],
    ["Recorded", `${about.recordedAt} by ${about.writer}`],
    ["On", `${about.hostname}, kernel ${about.kernelRelease} (${about.arch})`],
    ["Tracker", `${about.tracker}, ${about.proof}`],
    ["Snapshots", formatCount(about.snapshotCount)],
    ...about.expression === null ? [] : [["Only", about.expression] satisfies [string, string]],
  ];
  const list = element("dl", {});
  for (const [term, text] of facts) {
    list.append(element("dt", {}, term), element("dd", {}, text));
  }
  const problems = about.problems.map((problem) => element("p", { class: "problem" }, problem));
  return element(
    "header",
    {},
    element("h1", {}, "Which memory was written to?"),
    list,
    ...problems,
    ...total === null ? [] : [totalSection(total)],
    ...processes.length > 1 ? [chooser(processes, leftOutCount, show)] : [],
  );
}

/** What all processes come to together, and what that cannot show. */
function totalSection({ verdicts, caveats }: TotalReport): HTMLElement {
  return element(
    "div",
    { id: "total" },
    ...caveatBanner(caveats),
    ...verdicts.map((text) => element("p", {}, text)),
  );
}

/** A banner of what the numbers below it cannot show; none where nothing limits them. */
export function caveatBanner(caveats: readonly string[]): HTMLElement[] {
  if (caveats.length === 0) return [];
  const lines = caveats.map((line) => element("p", {}, line));
  return [element("div", { class: "caveats", role: "note" }, ...lines)];
}

function chooser(
  processes: readonly ProcessReport[],
  leftOutCount: number,
  show: (process: ProcessReport) => void,
): HTMLElement {
  const select = element(
    "select",
    { id: "process" },
    ...processes.map(({ process }, i) =>
      element("option", { value: i }, `${programName(process)} (pid ${process.pid})`)
    ),
  );
  select.addEventListener("change", () => show(processes[Number(select.value)]));
  const rest = leftOutCount === 0 ? "" : ` and ${formatCount(leftOutCount)} that wrote to less`;
  return element("p", {}, element("label", { for: "process" }, "Process "), select, rest);
}
