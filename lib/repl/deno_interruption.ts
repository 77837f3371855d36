/**
 * Ctrl-C at Deno's prompt, which lets the terminal make a signal of it while code runs, and would end with
 * that. What waits for `sd` is interrupted; Deno has no means to interrupt anything else, so that a second
 * Ctrl-C ends the shell there. While code runs that does not wait, the shell that started this one counts
 * (`deno_repl.ts`).
 *
 * @module
 */

import process from "node:process";
import type { Interruption } from "./interruptible_source.ts";

/** What the shell that was started sends to the one that started it, once it has seen Ctrl-C. */
export const SEEN = "SIGUSR2";

/** Within which a second Ctrl-C means the first. */
const AGAIN_MS = 5000;

/** What is printed where nothing can be interrupted. */
export const CANNOT =
  "\nsoftdirty: Deno cannot interrupt this. Press Ctrl-C again to end the shell; " +
  "what was recorded is whole";

/** Interrupts what waits. */
export class DenoInterruption implements Interruption {
  #stop = new AbortController();
  #waiting = 0;
  #askedMs = -Infinity;

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  whole<T>(call: () => T): T {
    return call(); // nothing breaks it off
  }

  async waiting<T>(call: () => Promise<T>): Promise<T> {
    this.#waiting++;
    try {
      return await call();
    } finally {
      this.#waiting--;
    }
  }

  /** Listens to the signal, which then ends nothing by itself. */
  start(): void {
    process.on("SIGINT", () => {
      process.kill(process.ppid, SEEN);
      if (this.#waiting > 0) {
        process.stderr.write("\n"); // behind ^C, which the terminal shows
        this.#stop.abort();
        this.#stop = new AbortController();
      } else if (performance.now() - this.#askedMs < AGAIN_MS) process.exit(130);
      else {
        this.#askedMs = performance.now();
        console.error(CANNOT);
      }
    });
  }
}
