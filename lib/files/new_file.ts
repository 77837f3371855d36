/**
 * Files that are created under their final name, or in the same folder under a random name; exclusively,
 * and readable only by their owner. In a folder where others can write, a name that can be guessed could
 * be a link to any file.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { closeSync, existsSync, linkSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { assertCreatable } from "./outputs.ts";

/** A file that does not have its final name yet. */
export interface TemporaryFile {
  readonly path: string;
  /** Its descriptor; the caller closes it. */
  readonly file: number;
}

/** Creates a folder and its parents, for the owner only. Existing folders stay as they are. */
export function makeFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Creates an empty file in the folder of `path`. */
export function createTemporary(path: string): TemporaryFile {
  const name = `.softdirty-${randomBytes(12).toString("hex")}.partial`;
  const temporary = join(dirname(path), name);
  return { path: temporary, file: openSync(temporary, "wx+", 0o600) };
}

/**
 * Gives a file its name, if that is free.
 *
 * @throws Error if there is a file of that name, of whatever kind.
 */
export function giveName(temporary: string, path: string): void {
  try {
    linkSync(temporary, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" || existsSync(path)) throw new Error("file already exists");
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP") throw error;
    return giveNameAlone(temporary, path); // file systems without hard links
  }
  rmSync(temporary, { force: true });
}

/** Creates an empty file of that name first, exclusively, and then replaces it. */
function giveNameAlone(temporary: string, path: string): void {
  closeSync(openSync(path, "wx", 0o600));
  renameSync(temporary, path);
}

/** An open file, accessible only by its owner. */
export interface OpenedFile {
  readonly fd: number;
  /** Where it is until it is published. */
  readonly path: string;
  /** Gives it its name, if it does not have it yet. The file is closed before. */
  publish(): void;
  /** Removes it. */
  discard(): void;
}

/**
 * Creates a file that can be read as well.
 *
 * @param force replaces an existing file, which stays as it is until the new one is published
 * @throws Error of the system, if there is a file already or it cannot be created
 */
export function openNewFile(path: string, force: boolean): OpenedFile {
  if (!force) {
    const fd = openSync(path, "wx+", 0o600);
    return { fd, path, publish() {}, discard: () => rmSync(path, { force: true }) };
  }
  const { path: partial, file: fd } = createTemporary(path);
  return {
    fd,
    path: partial,
    publish() {
      assertCreatable(path, { force });
      renameSync(partial, path);
    },
    discard: () => rmSync(partial, { force: true }),
  };
}
