/**
 * Tables as CSV (RFC 4180), for spreadsheets and data frames.
 *
 * @module
 */

import { plainText } from "../core/plain_text.ts";

/** A heading and rows, with CR LF between lines as the standard wants it. No newline at the end. */
export function formatCsv(
  headings: readonly string[],
  rows: ReadonlyArray<readonly (string | number)[]>,
): string {
  return [headings, ...rows].map(csvLine).join("\r\n");
}

/** One row, without a line break. */
export function csvLine(cells: readonly (string | number)[]): string {
  return cells.map(cell).join(",");
}

/** Names are hostile input: nothing that a terminal obeys, and nothing that a spreadsheet calculates. */
function cell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = plainText(value);
  const harmless = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
