/**
 * Writes lines as they come, to a new file or to standard output, and no faster than they are taken.
 *
 * @module
 */

import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { SoftdirtyError } from "../core/errors.ts";
import { cleanUp } from "./clean_up.ts";
import { type OpenedFile, openNewFile } from "./new_file.ts";
import { STANDARD_OUTPUT } from "./outputs.ts";
import { reasonOf } from "./system_reason.ts";

/**
 * Writes each with a line break behind it. A file is readable by its owner alone; if not all can be
 * written, there is none.
 *
 * @param path undefined or `-` for standard output
 * @param force replaces a file that is there, once all is written
 * @throws SoftdirtyError if the file exists or cannot be written.
 */
export async function writeLines(
  path: string | undefined,
  lines: Iterable<string> | AsyncIterable<string>,
  force = false,
): Promise<void> {
  const broken = Symbol.asyncIterator in lines ? brokenLater(lines) : brokenNow(lines);
  const pieces = Readable.from(broken, { encoding: "utf8" });
  if (path === undefined || path === STANDARD_OUTPUT) {
    return await pipeline(pieces, process.stdout, { end: false });
  }
  const fail = (cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    if (cause instanceof SoftdirtyError || code === undefined) return cause;
    return new SoftdirtyError(
      "cannot-write",
      `Cannot write ${path}: ${reasonOf(cause)}`,
      "Name a new file in a folder that this user may write to, with -o FILE",
      { cause },
    );
  };
  let file: OpenedFile | undefined;
  // A file that was there is not ours.
  const remove = () => file?.discard();
  const keep = cleanUp(remove);
  try {
    file = openNewFile(path, force);
    await pipeline(pieces, createWriteStream(path, { fd: file.fd }));
    file.publish();
  } catch (cause) {
    remove();
    throw fail(cause);
  } finally {
    keep();
  }
}

/** Some lines at a time: a stream takes its time for each piece. */
function* brokenNow(lines: Iterable<string>): Generator<string, void, void> {
  let piece = "";
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length < 1 << 16) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

async function* brokenLater(lines: AsyncIterable<string>): AsyncGenerator<string, void, void> {
  for await (const line of lines) yield `${line}\n`;
}
