/**
 * Errors that several imports have.
 *
 * @module
 */

import { ArgumentError, ImportError } from "../core/errors.ts";

/** A file that was named is not there. */
export function missingFile(file: string): never {
  throw new ImportError("cannot-read", file, `There is no ${file}`, "Look at its name");
}

/** The order of the observations is unknown. */
export function unknownOrder(file: string, why: string): never {
  throw new ImportError(
    "incomplete",
    file,
    why,
    "Say how long it was from one to the next: --interval 10s",
  );
}

/** Times are in nanoseconds, exact to 2^53: 104 days. */
const LONGEST_NS = Number.MAX_SAFE_INTEGER;

/**
 * Passes if a trace can hold these times.
 *
 * @param ns in nanoseconds since the first
 * @throws ImportError otherwise.
 */
export function assertTellable(ns: readonly number[], file: string): void {
  if (ns.every((time) => time <= LONGEST_NS)) return;
  throw new ImportError(
    "not-understood",
    file,
    `From first to last it was more than 104 days (${Math.max(...ns) / 1e9} s)`,
    "Import them in parts; or, if their times are wrong, give the right one with --interval 10s",
  );
}

/**
 * Passes if there is something to import, of pages of a size that machines have.
 *
 * @throws ArgumentError otherwise: a mistake of the caller.
 */
export function assertImportable(count: number, pageSizeBytes: number): void {
  if (count === 0) throw new ArgumentError("Nothing was named to import");
  if (!(pageSizeBytes >= 4096 && Number.isInteger(Math.log2(pageSizeBytes)))) {
    throw new ArgumentError(
      `${pageSizeBytes} bytes are not the size of a page: 4096, 16384, 65536`,
    );
  }
}
