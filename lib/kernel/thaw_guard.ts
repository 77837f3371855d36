/**
 * Lets a target go on if this program dies while the target stands still.
 *
 * A shell of its own session waits on a pipe. It is told before the target is stopped and after it goes
 * on; when the pipe closes, as it does however this program ends, and the last word was that the target
 * is stopped, the shell lets it go on.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { closeDescriptor, openPipe, writeText } from "./libc.ts";

const STOPPED = "stopped\n";
const GOES_ON = "goes-on\n";

/** `$@` is the command that lets the target go on. */
const SCRIPT = `trap '' HUP INT TERM
while read -r word; do last=$word; done
[ "$last" = stopped ] && "$@"`;

/** Keeps watch over one target. */
export class ThawGuard {
  readonly #shell: ChildProcess;
  readonly #pipe: number;

  /** @param command what lets the target go on, and its arguments */
  constructor(command: readonly string[]) {
    const { readEnd, writeEnd } = openPipe();
    this.#pipe = writeEnd;
    try {
      this.#shell = spawn("/bin/sh", ["-c", SCRIPT, "softdirty-guard", ...command], {
        detached: true,
        stdio: [readEnd, "ignore", "ignore"],
      });
      this.#shell.on("error", () => {}); // told by `stopping`, which then fails
      this.#shell.unref();
    } finally {
      closeDescriptor(readEnd);
    }
  }

  /**
   * To be told before the target is stopped.
   *
   * @throws Error if nobody keeps watch; then the target must not be stopped.
   */
  stopping(): void {
    if (this.#shell.pid === undefined) throw new Error("/bin/sh cannot be started");
    writeText(this.#pipe, STOPPED);
  }

  /** To be told once the target goes on. */
  goesOn(): void {
    writeText(this.#pipe, GOES_ON);
  }

  /** Ends the watch. */
  close(): void {
    closeDescriptor(this.#pipe);
  }
}
