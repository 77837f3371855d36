/**
 * Events, traces and verdicts in words.
 *
 * @module
 */

import pc from "picocolors";
import { type ClearEvent, Snapshot } from "../core/snapshot.ts";
import { isProven, type ProbeReport } from "../core/probe_report.ts";
import { summarize } from "../trace/summary.ts";
import type { TraceProblem } from "../trace/byte_source.ts";
import type { TraceReader } from "../trace/reader.ts";
import type { AnnotationEvent, HeaderEvent, MarkEvent, WarningEvent } from "../trace/schema.ts";
import type { UntrackedStretch } from "../trace/untracked_stretches.ts";
import type { ProcessIdentity } from "../core/process.ts";
import { choiceText } from "./choice_text.ts";
import { plainText } from "../core/plain_text.ts";
import { processText } from "./snapshot_text.ts";
import { formatBytes, formatCount, formatDuration, formatPages } from "./units.ts";

/** What a trace is asked for, one after the other. */
export type LoggedEvent = ClearEvent | AnnotationEvent | Snapshot;

/** `cleared redis-server (pid 42) in 310 µs`. */
export function clearText(event: ClearEvent): string {
  return `cleared ${processText(event.process)} in ${formatDuration(event.durationNs)}`;
}

/** `marked "request 7" at +1.20 s`. */
export function markText(event: MarkEvent): string {
  return `marked "${plainText(event.text)}" at +${formatDuration(event.atNs)}`;
}

/** One line for one event, with its time since the session began. */
export function eventLine(event: LoggedEvent): string {
  const at = `+${formatDuration(event.atNs)}`.padStart(12);
  if (event instanceof Snapshot) {
    const dirty = event.dirtyPopulated.pageCount;
    const untracked = event.untracked.pageCount;
    return `${at}  read   ${processText(event.process)}: snapshot ${event.index}, ` +
      `${formatPages(dirty)} dirty (${formatBytes(dirty * event.pageSizeBytes)})` +
      (untracked > 0 ? `, ${formatPages(untracked)} not tracked` : "");
  }
  switch (event.type) {
    case "clear":
      return `${at}  clear  ${processText(event.process)}`;
    case "mark":
      return `${at}  mark   ${plainText(event.text)}`;
    case "exit":
      return `${at}  exit   pid ${event.pid}: ${plainText(event.reason)}`;
    case "found":
    case "fork":
      return `${at}  ${event.type.padEnd(5)}  ${
        processText(event.process)
      }, child of ${event.parentPid}`;
    case "exec":
      return `${at}  exec   pid ${event.process.pid} executed ${
        plainText(event.process.command)
      }: all of its memory is new`;
    case "untracked":
      return `${at}  untracked  ${processText(event.process)}: ${plainText(event.message)}`;
    case "warning":
      return `${at}  warning  ${processText(event.process)}: ${plainText(event.message)}`;
  }
}

/** What a trace holds, as some lines. */
export function traceText(trace: TraceReader): string {
  const { header } = trace;
  const { hostname, kernelRelease, arch, pageSizeBytes } = header.host;
  const { processes, untracked, warnings, durationNs, counts } = summarize(trace);
  const events = Object.entries(counts).map(([type, count]) => `${formatCount(count)} ${type}`)
    .join(", ");
  const lines = [
    `${pc.bold(filesText(trace.files))}: ${formatBytes(trace.sizeBytes)}, format ${header.version}`,
    `recorded  ${new Date(header.originUnixMs).toISOString()} by ${plainText(header.writer)}`,
    `on        ${plainText(hostname)}, kernel ${plainText(kernelRelease)} (${plainText(arch)}), ` +
    `pages of ${formatBytes(pageSizeBytes)}`,
    `tracker   ${header.tracker}, ${proofText(header.probe)}`,
    ...choiceLines(header),
    `events    ${events === "" ? "none" : events}`,
  ];
  for (const process of processes) lines.push(`process   ${processText(process)}`);
  if (trace.eventCount > 0) {
    lines.push(`time      ${formatDuration(durationNs)} from first event to last`);
  }
  const warned = [
    ...untrackedLines(countUntracked(processes, untracked)),
    ...shortened(warnings.map(warningLine), counts.warning ?? 0),
  ];
  return [...lines, ...warned.map(pc.yellow), ...problemLines(trace)].join("\n");
}

/** So many lines of one kind are printed. */
const MAX_LINES = 10;

function shortened(lines: readonly string[], count: number): string[] {
  const shown = lines.slice(0, MAX_LINES);
  const more = count - shown.length;
  return more > 0 ? [...shown, `and ${formatCount(more)} more, which softdirty log lists`] : shown;
}

/** Processes that were not tracked, of how many. */
export interface UntrackedCount {
  /** Some of them, or all. */
  readonly untracked: readonly UntrackedMember[];
  readonly count: number;
  readonly ofCount: number;
}

/** A process, and why it was not tracked. */
type UntrackedMember = Pick<UntrackedStretch, "process" | "message">;

/** `2 of 3 processes were not tracked:` and a line for each; none if all were. */
export function untrackedLines({ untracked, count, ofCount }: UntrackedCount): string[] {
  if (count === 0) return [];
  const were = ofCount === 1 ? "process was" : "processes were";
  return [
    `${formatCount(count)} of ${formatCount(ofCount)} ${were} not tracked:`,
    ...shortened(untracked.map((member) => `  ${untrackedText(member)}`), count),
  ];
}

/** `5092 (chromium): Process 5092 has a seccomp filter ...`. */
export function untrackedText({ process: { pid, command }, message }: UntrackedMember): string {
  return `${pid} (${plainText(command)}): ${plainText(message)}`;
}

/** Counts processes, not their names: an exec gives another one. */
function countUntracked(
  processes: readonly ProcessIdentity[],
  untracked: readonly UntrackedMember[],
): UntrackedCount {
  const key = ({ pid, startTimeTicks }: ProcessIdentity) => `${pid} ${startTimeTicks}`;
  const latest = new Map(untracked.map((member) => [key(member.process), member]));
  const ofCount = new Set([...latest.keys(), ...processes.map(key)]).size;
  return { untracked: [...latest.values()], count: latest.size, ofCount };
}

/** `warning: redis-server (pid 42): ...`. */
export function warningLine({ process, message }: Pick<WarningEvent, "process" | "message">) {
  return `warning: ${processText(process)}: ${plainText(message)}`;
}

/** Why this tracker was taken, where that says anything of the processes. */
function choiceLines({ tracker, probe: { choice } }: HeaderEvent): string[] {
  if (choice === undefined || choice.pid === null) return [];
  const text = choiceText(tracker, choice);
  return text === "" ? [] : [`chosen    ${text}`];
}

/** A trace that was imported says itself what shows that writes were tracked. */
export function proofText(report: ProbeReport): string {
  if (!isProven(report)) return pc.red("not proven");
  return report.reason === "" ? "proven to track" : plainText(report.reason);
}

/** What of a trace could not be read, a line each. */
export function problemLines(trace: TraceReader): string[] {
  return trace.problems.map((problem) => pc.yellow(problemText(problem)));
}

/** The same of one place, without a color. */
export function problemText({ file, offset, lengthBytes, reason }: TraceProblem): string {
  const of = file === undefined ? "" : plainText(file);
  if (lengthBytes === 0) return of === "" ? plainText(reason) : `${of}: ${plainText(reason)}`;
  const where = `${offset}${of === "" ? "" : ` of ${of}`}`;
  return `${formatBytes(lengthBytes)} at byte ${where} left out: ${plainText(reason)}`;
}

/** The files of a trace: `a.0001.sdtrace to a.0003.sdtrace (3 files)`. */
export function filesText(files: readonly string[]): string {
  const [first, last] = [files[0], files[files.length - 1]].map((file) => plainText(file));
  if (files.length <= 2) return files.length === 1 ? first : `${first} and ${last}`;
  return `${first} to ${last} (${files.length} files)`;
}

/** The verdict, and the steps that led to it. */
export function probeText(report: ProbeReport): string {
  const { tracker } = report;
  const lines = report.works
    ? [
      report.reason === ""
        ? `${pc.green(`${tracker} works`)} on this kernel, proven by trying:`
        : `${pc.green(`${tracker} worked`)}: ${plainText(report.reason)}:`,
    ]
    : [`${pc.red(`${tracker} does not work`)} here: ${plainText(report.reason)}.`];
  for (const { action, expectedDirty, foundDirty } of report.steps) {
    const verdict = expectedDirty === foundDirty ? pc.green("as expected") : pc.red("wrong");
    lines.push(
      `  ${action.padEnd(5)}  expected ${Number(expectedDirty)}, found ${
        Number(foundDirty)
      }  ${verdict}`,
    );
  }
  if (report.hint !== "") lines.push(`${plainText(report.hint)}.`);
  return lines.join("\n");
}
