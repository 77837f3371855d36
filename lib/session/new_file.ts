/**
 * A file that is made under its name, or that replaces another one once it is whole.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { openSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { assertCreatable } from "./outputs.ts";

/** An open file, for its owner alone. */
export interface OpenedFile {
  readonly fd: number;
  /** Gives it its name, if it has not got it yet. The file is closed before. */
  publish(): void;
  /** Takes it away. */
  discard(): void;
}

/**
 * Creates a file.
 *
 * @param force replaces the file that is there, if one is; until then that one stays as it is
 * @throws Error of the system, if there is a file already or none can be made
 */
export function openNewFile(path: string, force: boolean): OpenedFile {
  if (!force) {
    const fd = openSync(path, "wx", 0o600);
    return { fd, publish() {}, discard: () => rmSync(path, { force: true }) };
  }
  // Nobody can guess it, and so nothing can lie there.
  const name = `.${basename(path).slice(0, 200)}.${randomBytes(8).toString("hex")}.partial`;
  const partial = join(dirname(path), name);
  const fd = openSync(partial, "wx", 0o600);
  return {
    fd,
    publish() {
      assertCreatable(path, { force });
      renameSync(partial, path);
    },
    discard: () => rmSync(partial, { force: true }),
  };
}
