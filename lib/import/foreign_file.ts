/**
 * Files of other programs, which are read as a whole: bounded, and never waited for.
 *
 * @module
 */

import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { ArgumentError, ImportError } from "../core/errors.ts";
import { readRange } from "../files/source_file.ts";
import { reasonOf } from "../files/system_reason.ts";

/** An image of four million runs of pages is smaller than that. */
const MAX_FILE_BYTES = 64 * 2 ** 20;

/** A file's bytes, and when it was written to last. */
export interface ForeignFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly modifiedUnixMs: number;
}

/**
 * Reads a file; undefined if there is none.
 *
 * @throws ImportError if it cannot be read, is no ordinary file, or is larger than 64 MiB.
 */
export function readForeignFile(path: string): ForeignFile | undefined {
  return useForeignFile(path, (file, { size, mtimeMs }) => {
    if (size > MAX_FILE_BYTES) {
      throw new Error(`it has ${size} bytes, and no more than ${MAX_FILE_BYTES} are read`);
    }
    return { path, bytes: readRange(file, 0, size), modifiedUnixMs: mtimeMs };
  });
}

/**
 * Opens a file for as long as `use` takes; undefined if there is none.
 *
 * @throws ImportError if it cannot be read, or is no ordinary file.
 */
export function useForeignFile<T>(
  path: string,
  use: (file: number, status: { readonly size: number; readonly mtimeMs: number }) => T,
): T | undefined {
  let file: number | undefined;
  try {
    // An ordinary open of a pipe without a writer would block for ever.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = fstatSync(file);
    if (!status.isFile()) throw new Error("it is not an ordinary file");
    return use(file, status);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    if (cause instanceof ImportError) throw cause;
    throw new ImportError(
      "cannot-read",
      path,
      `Cannot read ${path}: ${reasonOf(cause)}`,
      "Name files that this user may read",
      { cause },
    );
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * Parses the content of a file; if that fails, the error names the file.
 *
 * @param what the kind of file that was expected
 * @throws ImportError if `parse` throws a RangeError, a SyntaxError or an ArgumentError.
 */
export function understood<T>(path: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!isOfContent(cause)) throw cause;
    throw new ImportError(
      "not-understood",
      path,
      `Cannot read ${path} as ${what}: ${cause.message.slice(0, 300)}`,
      "Copy it again; if it is whole, report which program and version wrote it",
      { cause },
    );
  }
}

/** True for errors that parsers throw for bytes and text that they do not accept. */
function isOfContent(cause: unknown): cause is Error {
  return cause instanceof RangeError || cause instanceof SyntaxError ||
    cause instanceof ArgumentError;
}
