/**
 * Lets results print themselves at the prompt and in `console.log`, under Node and under Deno. The
 * core stays free of presentation, so it is given to its classes from here.
 *
 * @module
 */

import { SnapshotDiff } from "../core/diff.ts";
import { SoftdirtyError } from "../core/errors.ts";
import { PageSet } from "../core/page_set.ts";
import { Snapshot } from "../core/snapshot.ts";
import type { Sd, WatchOptions } from "../session/sd.ts";
import { TraceReader } from "../trace/reader.ts";
import { diffText } from "../report/diff_text.ts";
import { clearText, markText, probeText, traceText } from "../report/event_text.ts";
import { snapshotText } from "../report/snapshot_text.ts";
import { formatCount, formatPages } from "../report/units.ts";

const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Teaches the classes of results to print themselves. May be called more than once. */
export function installInspection(): void {
  define(Snapshot.prototype, snapshotText);
  define(SnapshotDiff.prototype, diffText);
  define(TraceReader.prototype, traceText);
  define(
    PageSet.prototype,
    (set) => `PageSet of ${formatPages(set.pageCount)}, runs: ${formatCount(set.runCount)}`,
  );
}

/**
 * The same calls for a prompt: plain results print themselves too, and errors that are answers, not
 * bugs, come without a stack.
 */
export function inspectable(sd: Sd): Sd {
  return Object.freeze({
    ...sd,
    clear: (pid?: number) => define({ ...brief(() => sd.clear(pid)) }, clearText),
    read: (pid?: number) => brief(() => sd.read(pid)),
    mark: (text: string) => define({ ...brief(() => sd.mark(text)) }, markText),
    probe: () => define({ ...sd.probe() }, probeText),
    open: (file: string) => brief(() => sd.open(file)),
    async *watch(pid?: number, options?: WatchOptions) {
      try {
        yield* sd.watch(pid, options);
      } catch (error) {
        throw withoutStack(error);
      }
    },
  });
}

function brief<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw withoutStack(error);
  }
}

function withoutStack(error: unknown): unknown {
  if (!(error instanceof SoftdirtyError)) return error;
  const text = `${error.name}: ${error.message}`;
  error.stack = text;
  return define(error, () => text);
}

function define<T extends object>(target: T, text: (value: T) => string): T {
  return Object.defineProperty(target, INSPECT, {
    value(this: T) {
      return text(this);
    },
    configurable: true,
  });
}
