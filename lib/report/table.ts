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
export function formatTable(columns: readonly Column[], rows: TableBlock["rows"]): string {
  const table = new Table({
    head: columns.map((column) => column.heading),
    colAligns: columns.map((column) => column.align),
    chars: { ...NO_LINES, middle: "  " },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  table.push(...rows.map((row) => [...row]));
  const text = table.toString().replace(/ +$/gm, "");
  return columns.every(({ heading }) => heading === "") ? text.replace(/^\n/, "") : text;
}

/** A table that is not drawn yet. */
export interface TableBlock {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** A line of text, or a table: the form of results in a terminal and in a notebook. */
export type Block = string | TableBlock;

/** The lines of a terminal. */
export function blocksText(blocks: readonly Block[]): string {
  return blocks.map((block) =>
    typeof block === "string" ? block : formatTable(block.columns, block.rows)
  ).join("\n");
}

/** The table without the columns that have nothing in any row. */
export function filledTable({ columns, rows }: TableBlock): TableBlock {
  const isFilled = columns.map((_, i) => rows.some((row) => row[i] !== ""));
  const filled = <T>(cells: readonly T[]) => cells.filter((_, i) => isFilled[i]);
  return { columns: filled(columns), rows: rows.map(filled) };
}
