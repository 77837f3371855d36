/**
 * Tables as CSV (RFC 4180), for spreadsheets and data frames.
 *
 * @module
 */

import { SoftdirtyError } from "../core/errors.ts";
import { plainText } from "../core/plain_text.ts";

/** Of the table of one result. */
const MOST_LENGTH = 1 << 27;

function tooLong(): SoftdirtyError {
  return new SoftdirtyError(
    "too-large",
    `A table is longer than ${MOST_LENGTH} characters`,
    "Choose a part of it, as with -e 'mapping == \"[heap]\"', or use --json",
  );
}

/** A heading and rows, with CR LF between lines as the standard wants it. No newline at the end. */
export function formatCsv(
  headings: readonly string[],
  rows: ReadonlyArray<readonly (string | number)[]>,
): string {
  let text = csvLine(headings);
  for (const row of rows) {
    text += `\r\n${csvLine(row)}`;
    if (text.length > MOST_LENGTH) throw tooLong();
  }
  return text;
}

/** One row, without a line break. */
export function csvLine(cells: readonly (string | number)[]): string {
  return cells.map(cell).join(",");
}

/** A number as text: a spreadsheet takes it for that number. */
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Names are hostile input: nothing that a terminal obeys, and nothing that a spreadsheet calculates or
 * takes for the end of a cell. Where the decimal sign is a comma, spreadsheets separate cells by
 * semicolons; and some calculate also behind spaces, or with signs of full width.
 */
function cell(value: string | number): string {
  if (typeof value === "number") return String(value);
  // A tab or a line break is an escape from here on.
  const text = plainText(value);
  const isFormula = /^[\s"']*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text) && !NUMBER.test(text);
  const harmless = isFormula ? `'${text}` : text;
  return harmless !== text || /[",;']|^\s|\s$/.test(text)
    ? `"${harmless.replaceAll('"', '""')}"`
    : harmless;
}
