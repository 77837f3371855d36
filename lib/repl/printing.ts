/**
 * Lets results print themselves at the prompt and in `console.log`, under Node and under Deno. The
 * core stays free of presentation, so it is given to its classes from here.
 *
 * @module
 */

import { SnapshotDiff } from "../core/diff.ts";
import { SoftdirtyError } from "../core/errors.ts";
import { Explanation } from "../core/explain.ts";
import { PageSet } from "../core/page_set.ts";
import { Snapshot } from "../core/snapshot.ts";
import type { Sd } from "../session/sd.ts";
import { TraceReader } from "../trace/reader.ts";
import { diffText } from "../report/diff_text.ts";
import { clearText, markText, probeText, traceText } from "../report/event_text.ts";
import { explanationText } from "../report/explanation_text.ts";
import { snapshotText } from "../report/snapshot_text.ts";
import { formatCount, formatPages } from "../report/units.ts";

const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Teaches the classes of results to print themselves. May be called more than once. */
export function installInspection(): void {
  define(Snapshot.prototype, snapshotText);
  define(SnapshotDiff.prototype, diffText);
  define(Explanation.prototype, explanationText);
  define(TraceReader.prototype, traceText);
  define(SoftdirtyError.prototype, (error) => error.stack ?? error.message);
  define(
    PageSet.prototype,
    (set) => `PageSet of ${formatPages(set.pageCount)}, runs: ${formatCount(set.runCount)}`,
  );
}

/** The same calls, whose plain results print themselves too. */
export function inspectable(sd: Sd): Sd {
  return Object.freeze({
    ...sd,
    clear: (pid?: number) => define({ ...sd.clear(pid) }, clearText),
    mark: (text: string) => define({ ...sd.mark(text) }, markText),
    probe: () => define({ ...sd.probe() }, probeText),
  });
}

function define<T extends object>(target: T, text: (value: T) => string): T {
  return Object.defineProperty(target, INSPECT, {
    value(this: T) {
      return text(this);
    },
    configurable: true,
  });
}
