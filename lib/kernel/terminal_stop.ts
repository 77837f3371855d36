/**
 * Ctrl-Z stops a program wherever it is, also while it holds a target still. While this is held, it
 * stops only between two calls.
 *
 * @module
 */

import process from "node:process";

/** More than one would suspend the program once more after it was continued. */
let holders = 0;

function suspend(): void {
  process.kill(process.pid, "SIGSTOP");
}

/** Takes over SIGTSTP until it is closed. */
export class TerminalStop {
  #isOpen = true;

  constructor() {
    if (holders++ === 0) process.on("SIGTSTP", suspend);
  }

  /** Leaves SIGTSTP to the kernel again, if nobody else holds it. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (--holders === 0) process.off("SIGTSTP", suspend);
  }
}
