/**
 * Who is writing a file.
 *
 * @module
 */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The bits of the flags of an open file that say whether it may be written. */
const ACCESS_MODE = 3;

/**
 * The processes that have a file open for writing: those that this user may look at, on systems that
 * have `/proc`.
 *
 * @param path without links
 */
export function writersOf(path: string): number[] {
  const pids = list("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => list(`/proc/${pid}/fd`).some((fd) => isWriting(pid, fd, path)))
    .map(Number);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // it has ended, or is another user's
  }
}

function isWriting(pid: string, fd: string, path: string): boolean {
  try {
    if (readlinkSync(`/proc/${pid}/fd/${fd}`) !== path) return false;
    const [, flags] = /^flags:\s*([0-7]+)/m.exec(
      readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8"),
    )!;
    return (parseInt(flags, 8) & ACCESS_MODE) !== 0;
  } catch {
    return false; // it was closed in between
  }
}
