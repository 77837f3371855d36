/**
 * Who is writing a file.
 *
 * @module
 */

import type { ProcFs } from "./proc_fs.ts";

/** The bits of the flags of an open file that say whether it may be written; 0 if not. */
const ACCESS_MODE = 3;

/**
 * The processes that have a file open for writing, as far as this user may look at them.
 *
 * @param path without links
 */
export function writersOf(proc: ProcFs, path: string): number[] {
  return proc.pids().filter((pid) =>
    proc.descriptorsOf(pid, path).some((fd) => (proc.openFlags(pid, fd) & ACCESS_MODE) !== 0)
  );
}
