/**
 * Where results go: looked at before the work is done whose result it is to take.
 *
 * @module
 */

import { accessSync, constants, lstatSync } from "node:fs";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { SoftdirtyError } from "../core/errors.ts";
import { reasonOf } from "./system_reason.ts";

/** The name that stands for standard output. */
export const STANDARD_OUTPUT = "-";

/** What is to be made there. */
export interface OutputOptions {
  /** A file that is there is replaced, once the new one is whole. */
  readonly force?: boolean | undefined;
  /** It is no text, and not for a terminal. */
  readonly isBinary?: boolean | undefined;
  /** Folders that are missing are made. */
  readonly makesFolders?: boolean | undefined;
  /** What the person can do if a file is there; by default name another one, or force. */
  readonly hint?: string | undefined;
}

/**
 * Passes if a file can be created there, as far as can be checked without creating it.
 *
 * @throws SoftdirtyError with the code `cannot-write` otherwise
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assertCreatable("report.html");
 * assert.throws(() => assertCreatable("deno.json"), { code: "cannot-write" });
 * assertCreatable("deno.json", { force: true });
 * ```
 */
export function assertCreatable(path: string, options: OutputOptions = {}): void {
  const { force, isBinary, makesFolders, hint } = options;
  if (path === STANDARD_OUTPUT) {
    if (!isBinary || !process.stdout.isTTY) return;
    throw cannotWrite(
      "standard output",
      "it is a terminal",
      "Send it to a pipe or a file, or name a file with -o FILE",
    );
  }
  const found = kindOf(path);
  if (found !== undefined && !(force && found === "file")) {
    throw cannotWrite(
      path,
      found === "file" ? "file already exists" : `it is ${found}`,
      found === "file"
        ? hint ?? "Name another file with -o FILE, or replace this one with --force"
        : "Name a new file with -o FILE",
    );
  }
  assertWritable(path, dirname(resolve(path)), makesFolders === true);
}

/** What is at a path; undefined if nothing is. */
function kindOf(path: string): string | undefined {
  try {
    const status = lstatSync(path);
    if (status.isFile()) return "file";
    if (status.isDirectory()) return "a folder";
    return status.isSymbolicLink() ? "a symbolic link" : "no regular file";
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw cannotWrite(path, reasonOf(cause), "Name another file with -o FILE", cause);
  }
}

function assertWritable(path: string, folder: string, makesFolders: boolean): void {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    if (isMissing && makesFolders && dirname(folder) !== folder) {
      return assertWritable(path, dirname(folder), true);
    }
    throw cannotWrite(
      path,
      isMissing ? `there is no folder ${folder}` : `${folder}: ${reasonOf(cause)}`,
      "Name a new file in a folder that this user may write to, with -o FILE",
      cause,
    );
  }
}

function cannotWrite(path: string, reason: string, hint: string, cause?: unknown): SoftdirtyError {
  return new SoftdirtyError("cannot-write", `Cannot write ${path}: ${reason}`, hint, { cause });
}
