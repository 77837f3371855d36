/**
 * A column of the truth table: what one tracker reported on one kernel.
 *
 * @module
 */

import type { KernelRow, ModeRow, NoTrackerRow, Reading, Row } from "../../test/live/truth/row.ts";

/** One tracker on one kernel. */
export interface Column {
  /** As in the head of the table: the series of the kernel, and the tracker. */
  readonly name: string;
  /** True for the kernel of the machine that the table is made on, which others may not have. */
  readonly isHost: boolean;
  /** The cells by mode, in the order of the modes. */
  readonly cells: ReadonlyMap<string, Cell>;
}

/** What a tracker reported for a mode. */
export interface Cell {
  readonly text: string;
  /** How many pages were written, and changed in any way; undefined if the mode was not played. */
  readonly pages?: { readonly written: number; readonly changed: number };
  readonly isLeftOut: boolean;
  /** What must not be, a sentence each. */
  readonly problems: readonly string[];
}

/** All that was measured on one kernel. */
export interface Measured {
  readonly kernel: string;
  readonly columns: readonly Column[];
  /** Trackers that this kernel does not have. */
  readonly missing: readonly string[];
}

/** Reads the lines that one kernel printed; others among them, as of the console, are passed over. */
export function parseRows(text: string): Row[] {
  return text.split("\n").filter((line) => line.startsWith('{"type":')).map((line) =>
    JSON.parse(line)
  );
}

/**
 * Makes columns of the rows of one kernel.
 *
 * @throws Error if the rows are not whole
 */
export function columnsOf(rows: readonly Row[], isHost: boolean): Measured {
  const [first] = rows.filter((row): row is KernelRow => row.type === "kernel");
  if (first === undefined || rows.at(-1)?.type !== "end") {
    throw new Error("The modes were not all measured: the program ended before its last line");
  }
  const kernel = isHost ? `${seriesOf(first.release)} (host)` : seriesOf(first.release);
  const modes = rows.filter((row): row is ModeRow => row.type === "mode");
  const missing = rows.filter((row): row is NoTrackerRow => row.type === "no-tracker");
  const columns = [...new Set(modes.map(({ tracker }) => tracker))].map((tracker) => ({
    name: `${kernel} ${tracker}`,
    isHost,
    cells: new Map(
      modes.filter((row) => row.tracker === tracker).map((row) => [row.mode, cellOf(row)]),
    ),
  }));
  return { kernel, columns, missing: missing.map(({ tracker }) => `${kernel} ${tracker}`) };
}

/** `6.12` of `6.12.117+deb13-cloud-amd64`. Of the newest kernels the table follows each that comes. */
export function seriesOf(release: string): string {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  if (major === undefined) throw new Error(`${release} is not the release of a kernel`);
  return Number(major) >= 7 ? `${major}.x` : `${major}.${minor}`;
}

function cellOf({ written, changed, readings, leftOut, notInKernel, error, note }: ModeRow): Cell {
  if (leftOut !== undefined) {
    return { text: `left out: ${leftOut} on this machine`, isLeftOut: true, problems: [] };
  }
  if (notInKernel !== undefined) {
    return { text: `not in this kernel: ${notInKernel}`, isLeftOut: false, problems: [] };
  }
  if (error !== undefined) return { text: "FAILED", isLeftOut: false, problems: [error] };
  const texts = readings.map((reading) => [reading.by, textOf(reading)] as const);
  const same = texts.every(([, text]) => text === texts[0][1]);
  const shown = same ? texts[0][1] : texts.map(([by, text]) => `${by}: ${text}`).join("; ");
  return {
    text: note === undefined ? shown : `${shown}; ${note}`,
    pages: { written, changed },
    isLeftOut: false,
    problems: readings.flatMap(({ by, problems }) => problems.map((one) => `${by}: ${one}`)),
  };
}

/** `0 missed, 29 extra: new-mapping`. */
function textOf({ untrackedBy, missed, extra, problems }: Reading): string {
  const counted = `${sharesOf("missed", missed)}, ${sharesOf("extra", extra)}`;
  return (untrackedBy === null ? counted : `not tracked: ${untrackedBy}`) +
    (problems.length > 0 ? " UNEXPLAINED" : "");
}

function sharesOf(what: string, shares: Reading["missed"] | Reading["extra"]): string {
  const all = Object.entries(shares);
  const total = all.reduce((sum, [, count]) => sum + count, 0);
  if (all.length === 0) return `0 ${what}`;
  const reasons = all.map(([name, count]) => all.length === 1 ? name : `${count} ${name}`);
  return `${total} ${what}: ${reasons.join(" + ")}`;
}
