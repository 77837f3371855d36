/**
 * Ctrl-Z stops a program wherever it is, also while it holds a target still. With this it stops only
 * between two calls.
 *
 * @module
 */

/** Takes over SIGTSTP until it is closed. */
export class TerminalStop {
  readonly #stop = () => process.kill(process.pid, "SIGSTOP");

  constructor() {
    process.on("SIGTSTP", this.#stop);
  }

  /** Leaves SIGTSTP to the kernel again. */
  close(): void {
    process.off("SIGTSTP", this.#stop);
  }
}
