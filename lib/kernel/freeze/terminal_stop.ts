/**
 * Ctrl-Z stops a program wherever it is, also while it holds a target. While this is open, it stops only
 * between two calls.
 *
 * @module
 */

import process from "node:process";

/** Those that are open. One signal stops the program once, however many there are. */
const open = new Set<TerminalStop>();

function suspend(): void {
  for (const { beforeStop } of open) beforeStop();
  process.kill(process.pid, "SIGSTOP");
}

/** Takes over SIGTSTP until it is closed. */
export class TerminalStop {
  readonly beforeStop: () => void;

  /** @param beforeStop is called right before this program stops itself */
  constructor(beforeStop = () => {}) {
    this.beforeStop = beforeStop;
    if (open.size === 0) process.on("SIGTSTP", suspend);
    open.add(this);
  }

  /** Leaves SIGTSTP to the kernel again, if no other one is open. */
  close(): void {
    if (open.delete(this) && open.size === 0) process.off("SIGTSTP", suspend);
  }
}
