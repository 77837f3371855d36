/**
 * Tables without lines, for terminals and pipes.
 *
 * @module
 */

import Table from "cli-table3";

/** A column's heading, and to which side its cells go. */
export interface Column {
  readonly heading: string;
  readonly align: "left" | "right";
}

const NO_LINES = Object.fromEntries(
  [
    ...["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left"],
    ...["bottom-right", "left", "left-mid", "mid", "mid-mid", "right", "right-mid"],
  ].map((name) => [name, ""]),
);

/** Rows under headings, each cell already safe to print. No newline at the end. */
export function formatTable(columns: readonly Column[], rows: readonly string[][]): string {
  const table = new Table({
    head: columns.map((column) => column.heading),
    colAligns: columns.map((column) => column.align),
    chars: { ...NO_LINES, middle: "  " },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  table.push(...rows);
  return table.toString().replace(/ +$/gm, "");
}

/** The same, without the columns that have nothing in any row. */
export function formatFilledTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const isFilled = columns.map((_, i) => rows.some((row) => row[i] !== ""));
  const filled = <T>(cells: readonly T[]) => cells.filter((_, i) => isFilled[i]);
  return formatTable(filled(columns), rows.map(filled));
}
