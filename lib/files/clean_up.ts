/**
 * Gives back, or takes away what is not finished, however this program ends, but for SIGKILL.
 *
 * @module
 */

import process from "node:process";

/** What ends a program that does nothing about it, but for what only an error of its own brings. */
const SIGNALS = [
  ...["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGABRT", "SIGALRM", "SIGUSR2"] as const,
];

/**
 * Has something done at once if this program ends, or is told to. Asked for before there is anything
 * to take away, there is no moment at which a signal leaves it.
 *
 * @returns what ends that, once it need not be done any more
 */
export function cleanUp(end: () => void): () => void {
  const handlers = SIGNALS.map((signal) => ({
    signal,
    handle() {
      stop();
      end();
      process.kill(process.pid, signal);
    },
  }));
  const stop = () => {
    process.off("exit", end);
    for (const { signal, handle } of handlers) process.off(signal, handle);
  };
  process.on("exit", end);
  for (const { signal, handle } of handlers) process.on(signal, handle);
  return stop;
}
