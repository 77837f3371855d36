/**
 * Processes to choose from, as lines for a terminal.
 *
 * @module
 */

import pc from "picocolors";
import type { ProcessIdentity } from "../../core/process.ts";
import { programName } from "../../core/program.ts";
import { fitText } from "../fit_text.ts";
import { formatBytes } from "../units.ts";

/** A process that could be watched. */
export interface Choice extends Pick<ProcessIdentity, "pid" | "command" | "program"> {
  /** What it has in RAM. */
  readonly residentBytes: number;
}

/** The largest first; those whose command or pid has a text in it. */
export function foundChoices(choices: readonly Choice[], wanted: string): Choice[] {
  const text = wanted.toLowerCase();
  return choices.filter((one) => `${one.pid} ${nameOf(one)}`.toLowerCase().includes(text))
    .toSorted((a, b) => b.residentBytes - a.residentBytes || a.pid - b.pid);
}

/** The lines, no wider and no more than fit. */
export function choiceLines(
  choices: readonly Choice[],
  chosenPid: number | undefined,
  wanted: string,
  size: { readonly columns: number; readonly rows: number },
): string[] {
  const fit = (text: string) => fitText(text, size.columns);
  const room = Math.max(1, size.rows - 4);
  const at = choices.findIndex(({ pid }) => pid === chosenPid);
  const first = Math.max(0, Math.min(at - Math.floor(room / 2), choices.length - room));
  const rows = choices.slice(first, first + room).map((choice) => {
    const { pid, residentBytes } = choice;
    const isChosen = pid === chosenPid;
    const cells = [
      ...[isChosen ? ">" : " ", fitText(String(pid), 8, "right")],
      ...[fitText(formatBytes(residentBytes), 10, "right"), nameOf(choice)],
    ];
    return isChosen ? pc.inverse(fit(cells.join(" "))) : fit(cells.join(" "));
  });
  const body = rows.length === 0 ? [fit("no process has that in its name")] : rows;
  return [
    pc.bold(fit("softdirty top: which process? Nothing is tracked yet")),
    fit(wanted === "" ? "type to find" : `with the text: ${wanted}_`),
    pc.underline(fit(`  ${"pid".padStart(8)} ${"in RAM".padStart(10)} command`)),
    ...body,
    ...Array.from({ length: room - body.length }, () => ""),
    pc.dim(fit("↑↓ choose  ⏎ watch it  esc leave")),
  ].slice(0, size.rows);
}

function nameOf({ pid, command, program }: Choice): string {
  return programName({ pid, command, program, startTimeTicks: 0 });
}
