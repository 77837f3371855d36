/**
 * What failed calls on files of `/proc` mean.
 *
 * @module
 */

import { ProcessError } from "../../core/errors.ts";

/** What a failed call on a file of a process means; undefined if it is none of the usual reasons. */
export function processError(pid: number, path: string, cause: unknown): ProcessError | undefined {
  switch ((cause as NodeJS.ErrnoException).code) {
    case "ENOENT":
    case "ESRCH":
      return new ProcessError(
        "no-such-process",
        pid,
        `There is no process ${pid} (${path} cannot be opened)`,
        "See `ps -e` for the pids that are there; inside a container they differ from the host's",
        { cause },
      );
    case "EACCES":
    case "EPERM":
      return new ProcessError(
        "permission-denied",
        pid,
        `No permission for ${path}`,
        process.getuid?.() === 0
          ? "This root lacks CAP_SYS_PTRACE over that process, as in a container or a sandbox"
          : "Run as the user of that process, or as root (CAP_SYS_PTRACE)",
        { cause },
      );
  }
}

/** Undefined for what ended or was closed just then, or belongs to another user. */
export function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
