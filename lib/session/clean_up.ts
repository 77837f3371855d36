/**
 * Takes away what is not finished, however this program ends, but for SIGKILL.
 *
 * @module
 */

import process from "node:process";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Has something taken away if this program ends, or is told to.
 *
 * @returns what ends that, once there is nothing to be taken away any more
 */
export function cleanUp(remove: () => void): () => void {
  const handlers = SIGNALS.map((signal) => ({
    signal,
    handle() {
      stop();
      remove();
      process.kill(process.pid, signal);
    },
  }));
  const stop = () => {
    process.off("exit", remove);
    for (const { signal, handle } of handlers) process.off(signal, handle);
  };
  process.on("exit", remove);
  for (const { signal, handle } of handlers) process.on(signal, handle);
  return stop;
}
