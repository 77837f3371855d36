/**
 * What commands print, and how they fail.
 *
 * @module
 */

import { SoftdirtyError } from "../core/errors.ts";
import { plainJson, plainText } from "../core/plain_text.ts";
import { jsonPieces } from "../report/json_pieces.ts";

/** Writes lines to standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes one line of JSON to standard output. */
export function printJson(value: unknown): void {
  printPieces(jsonPieces(value));
}

/** Writes a line that is made piece by piece. */
export function printPieces(pieces: Iterable<string>): void {
  let text = "";
  for (const piece of pieces) {
    text += piece;
    if (text.length < 1 << 16) continue;
    process.stdout.write(text);
    text = "";
  }
  process.stdout.write(`${text}\n`);
}

/** Writes a line to standard error. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A line on standard error that is written over; silent where nobody watches. */
export function progress(text: () => string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${plainText(text())}`);
}

/** Takes the progress line away. */
export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[2K");
}

/** What is told of an error: for people its message, for programs its code as well. */
export function errorText(error: unknown, isJson: boolean): string {
  const code = error instanceof SoftdirtyError ? error.code : "error";
  const message = error instanceof Error ? error.message : String(error);
  if (isJson) return plainJson({ error: { code, message } });
  return `softdirty: ${plainText(message)}`;
}
