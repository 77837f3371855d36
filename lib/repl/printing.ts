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
import type { Measures } from "../session/measures.ts";
import type { Sd } from "../session/sd.ts";
import { TraceReader } from "../trace/reader.ts";
import { checkpointText } from "../report/checkpoint_text.ts";
import { comparisonText } from "../report/comparison_text.ts";
import { diffText } from "../report/diff_text.ts";
import { dirtyMappingsText } from "../report/dirty_mappings_text.ts";
import { clearText, markText, probeText, traceText } from "../report/event_text.ts";
import { explanationText } from "../report/explanation_text.ts";
import { forkText } from "../report/fork_text.ts";
import { heatText } from "../report/heat_text.ts";
import { hotText } from "../report/hot_text.ts";
import { migrationText } from "../report/migration_text.ts";
import { phasesText } from "../report/phases_text.ts";
import { rateText } from "../report/rate_text.ts";
import { snapshotText } from "../report/snapshot_text.ts";
import { formatCount, formatPages } from "../report/units.ts";
import { workingSetText } from "../report/working_set_text.ts";
import { heatStyle } from "./heat_style.ts";

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
    ...inspectableMeasures(sd),
  });
}

/** The same measures; a list of results prints each of them. */
function inspectableMeasures(sd: Measures): Measures {
  const listed = <T>(results: T[], text: (result: T) => string) =>
    define(results, () => results.map(text).join("\n\n") || "no window that can be measured");
  return {
    rate: (...args) => listed(sd.rate(...args), rateText),
    wss: (...args) => listed(sd.wss(...args), workingSetText),
    heat: (...args) => listed(sd.heat(...args), (map) => heatText(map, heatStyle())),
    hot: (...args) => listed(sd.hot(...args), hotText),
    byMapping: (...args) => listed(sd.byMapping(...args), dirtyMappingsText),
    phases: (...args) => listed(sd.phases(...args), phasesText),
    compare: (...args) => listed(sd.compare(...args), comparisonText),
    plan: Object.freeze<Measures["plan"]>({
      migrate: (...args) => listed(sd.plan.migrate(...args), migrationText),
      checkpoint: (...args) => listed(sd.plan.checkpoint(...args), checkpointText),
      fork: (...args) => listed(sd.plan.fork(...args), forkText),
    }),
  };
}

function define<T extends object>(target: T, text: (value: T) => string): T {
  return Object.defineProperty(target, INSPECT, {
    value(this: T) {
      return text(this);
    },
    configurable: true,
  });
}
