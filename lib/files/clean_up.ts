/**
 * Releases resources and removes unfinished files however this program ends, except by SIGKILL.
 *
 * @module
 */

import process from "node:process";

/** Signals that end a program by default, except those that only an error of the program raises. */
const SIGNALS = [
  ...["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGABRT", "SIGALRM", "SIGUSR2"] as const,
];

/**
 * Calls a function when this program ends, or gets a signal that ends it. Register it before you create
 * what it removes; then there is no moment at which a signal leaves that in place.
 *
 * @returns a function that removes the registration, once it is no longer needed
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
