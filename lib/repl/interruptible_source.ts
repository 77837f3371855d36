/**
 * A source that Ctrl-C ends the calls of: what waits ends at once, and what is called after that by the
 * code that was interrupted is refused, so that nothing continues with the target unseen.
 *
 * @module
 */

import { setImmediate as turn } from "node:timers/promises";
import { SoftdirtyError } from "../core/errors.ts";
import type { SnapshotSource } from "../session/source.ts";

/** How a shell interrupts what it evaluates. */
export interface Interruption {
  /** Of the code that calls: is aborted when the user interrupts it. */
  readonly signal: AbortSignal | undefined;
  /** Makes a call that must not be broken off in the middle, as those that stop a thread of the target. */
  whole<T>(call: () => T): T;
  /** Makes a call that waits, and that the signal ends. */
  waiting<T>(call: () => Promise<T>): Promise<T>;
}

/** The same source for a shell. */
export function interruptible(source: SnapshotSource, shell: Interruption): SnapshotSource {
  const whole = <T>(call: () => T): T => {
    assertGoesOn(shell.signal);
    const result = shell.whole(call);
    assertGoesOn(shell.signal);
    return result;
  };
  return {
    get defaultPid() {
      return source.defaultPid;
    },
    get tracePath() {
      return source.tracePath;
    },
    get replayed() {
      return source.replayed;
    },
    probe: () => whole(() => source.probe()),
    clear: (pid) => whole(() => source.clear(pid)),
    read: (pid, options) => whole(() => source.read(pid, options)),
    take: (pid, options) => whole(() => source.take(pid, options)),
    members: (group) => whole(() => source.members(group)),
    mark: (text) => whole(() => source.mark(text)),
    async wait(durationMs, signal) {
      const { signal: own } = shell;
      assertGoesOn(own);
      await shell.waiting(async () => {
        await withEither(own, signal, (either) => source.wait(durationMs, either));
        // Also where nothing is to be waited for, as in a replay: else no key would ever be read.
        await turn();
      });
      assertGoesOn(own);
    },
    async act(action) {
      const { signal } = shell;
      assertGoesOn(signal);
      const result = await shell.waiting(() => Promise.race([source.act(action), aborted(signal)]));
      assertGoesOn(signal);
      return result as Awaited<ReturnType<typeof action>>;
    },
    close: () => shell.whole(() => source.close()),
  };
}

/** @throws SoftdirtyError if the user has interrupted this. */
function assertGoesOn(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new SoftdirtyError("interrupted", "Interrupted");
}

/** Hands over a signal that is aborted with either; `AbortSignal.any` is not in every Node 20. */
async function withEither<T>(
  a: AbortSignal | undefined,
  b: AbortSignal | undefined,
  call: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (a === undefined || b === undefined) return await call(a ?? b);
  const stop = new AbortController();
  const abort = () => stop.abort();
  for (const signal of [a, b]) {
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
  }
  try {
    return await call(stop.signal);
  } finally {
    for (const signal of [a, b]) signal.removeEventListener("abort", abort);
  }
}

/** Resolves once it is aborted. */
function aborted(signal: AbortSignal | undefined): Promise<undefined> {
  return new Promise((resolve) => signal?.addEventListener("abort", () => resolve(undefined)));
}
