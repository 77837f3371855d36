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
  process.stdout.write(`${plainJson(value)}\n`);
}

/** Writes text that is made piece by piece to standard output, no faster than it is taken. */
export async function printPieces(pieces: Iterable<string>): Promise<void> {
  let text = "";
  try {
    for (const piece of pieces) {
      text += piece;
      if (text.length < PIECE_LENGTH) continue;
      await written(text);
      text = "";
    }
  } finally {
    await written(text); // also what comes before an error
  }
}

/** A stream takes its time for each piece. */
const PIECE_LENGTH = 1 << 16;

/** What is not taken would be kept in memory. */
async function written(text: string): Promise<void> {
  if (text === "" || process.stdout.write(text)) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      process.stdout.off("drain", end).off("close", end).off("error", end);
      resolve();
    };
    process.stdout.once("drain", end).once("close", end).once("error", end);
  });
}

/** Texts with a line break behind each. */
export function* lines(texts: Iterable<string>): Generator<string, void, void> {
  for (const text of texts) {
    yield text;
    yield "\n";
  }
}

/** A line of JSON for each of some values. */
export function* jsonLines(values: Iterable<unknown>): Generator<string, void, void> {
  for (const value of values) {
    yield* jsonPieces(value);
    yield "\n";
  }
}

/** Writes a line to standard error. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A line on standard error that is written over; silent where standard error is no terminal. */
export function progress(text: () => string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${plainText(text())}`);
}

/** Takes the progress line away. */
export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[2K");
}

/** An error as it is printed: its message, and with `--json` its code as well. */
export function errorText(error: unknown, isJson: boolean): string {
  const code = error instanceof SoftdirtyError ? error.code : "error";
  const message = error instanceof Error ? error.message : String(error);
  if (isJson) return plainJson({ error: { code, message } });
  return `softdirty: ${plainText(message)}`;
}
