/**
 * Lets results print themselves at the prompt and in `console.log`, under Node and under Deno, and draw
 * themselves in notebooks of Deno's Jupyter kernel. The core stays free of presentation, so it is given
 * to its classes from here.
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
import { checkpointBlocks } from "../report/checkpoint_text.ts";
import { comparisonBlocks } from "../report/comparison_text.ts";
import { coverageBlocks } from "../report/coverage_text.ts";
import { diffBlocks } from "../report/diff_text.ts";
import { dirtyMappingsBlocks } from "../report/dirty_mappings_text.ts";
import { clearText, markText, probeText, traceText } from "../report/event_text.ts";
import { explanationBlocks } from "../report/explanation_text.ts";
import { forkBlocks } from "../report/fork_text.ts";
import { heatText, heatVerdict } from "../report/heat_text.ts";
import { hotBlocks } from "../report/hot_text.ts";
import { migrationBlocks } from "../report/migration_text.ts";
import { phasesBlocks } from "../report/phases_text.ts";
import { rateBlocks } from "../report/rate_text.ts";
import { snapshotBlocks } from "../report/snapshot_text.ts";
import {
  display,
  displayAll,
  type DisplayBundle,
  JUPYTER_DISPLAY,
} from "../report/notebook/display.ts";
import { heatSvg } from "../report/notebook/heat_svg.ts";
import { stripSvg } from "../report/notebook/strip_svg.ts";
import { type Block, blocksText } from "../report/table.ts";
import { formatCount, formatPages } from "../report/units.ts";
import { workingSetBlocks } from "../report/working_set_text.ts";
import { heatStyle } from "../report/heat_style.ts";

const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Teaches the classes of results to print themselves. May be called more than once. */
export function installInspection(): void {
  defineBlocks(Snapshot.prototype, snapshotBlocks, stripSvg);
  defineBlocks(SnapshotDiff.prototype, diffBlocks);
  defineBlocks(Explanation.prototype, explanationBlocks);
  defineBlocks(TraceReader.prototype, (trace) => [traceText(trace)]);
  define(SoftdirtyError.prototype, INSPECT, (error) => error.stack ?? error.message);
  defineBlocks(PageSet.prototype, (set) => [
    `PageSet of ${formatPages(set.pageCount)}, runs: ${formatCount(set.runCount)}`,
  ]);
}

/**
 * The same calls, whose plain results print themselves too, and draw themselves in notebooks.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openReplay } from "../session/sd.ts";
 *
 * const sd = inspectable(openReplay("recordings/traces/redis.sdtrace"));
 * const rates = sd.rate() as unknown as Record<symbol, () => Record<string, string>>;
 * assert.match(rates[Symbol.for("Jupyter.display")]()["text/html"], /^<div><p><strong>redis-server/);
 * ```
 */
export function inspectable(sd: Sd): Sd {
  return Object.freeze({
    ...sd,
    clear: (pid?: number) => defineBlocks({ ...sd.clear(pid) }, (event) => [clearText(event)]),
    mark: (text: string) => defineBlocks({ ...sd.mark(text) }, (event) => [markText(event)]),
    probe: () => defineBlocks({ ...sd.probe() }, (report) => [probeText(report)]),
    ...inspectableMeasures(sd),
  });
}

/** The same measures; a list of results prints each of them. */
function inspectableMeasures(sd: Measures): Measures {
  const listed = <T>(results: T[], blocks: (result: T) => Block[]) =>
    defineList(
      results,
      (result) => blocksText(blocks(result)),
      (result) => display(blocks(result)),
    );
  return {
    rate: (...args) => listed(sd.rate(...args), rateBlocks),
    wss: (...args) => listed(sd.wss(...args), workingSetBlocks),
    heat: (...args) =>
      defineList(
        sd.heat(...args),
        (map) => heatText(map, heatStyle()),
        (map) =>
          display(
            [heatVerdict(map), ...coverageBlocks(map.coverage)],
            map.rows.length === 0 ? undefined : heatSvg(map),
          ),
      ),
    hot: (...args) => listed(sd.hot(...args), hotBlocks),
    byMapping: (...args) => listed(sd.byMapping(...args), dirtyMappingsBlocks),
    phases: (...args) => listed(sd.phases(...args), phasesBlocks),
    compare: (...args) => listed(sd.compare(...args), comparisonBlocks),
    plan: Object.freeze<Measures["plan"]>({
      migrate: (...args) => listed(sd.plan.migrate(...args), migrationBlocks),
      checkpoint: (...args) => listed(sd.plan.checkpoint(...args), checkpointBlocks),
      fork: (...args) => listed(sd.plan.fork(...args), forkBlocks),
    }),
  };
}

const NOTHING = "no window that can be measured";

function defineList<T>(
  results: T[],
  text: (result: T) => string,
  bundle: (result: T) => DisplayBundle,
): T[] {
  define(results, INSPECT, () => results.map(text).join("\n\n") || NOTHING);
  return define(results, JUPYTER_DISPLAY, () => displayAll(results.map(bundle), NOTHING));
}

function defineBlocks<T extends object>(
  target: T,
  blocks: (value: T) => Block[],
  picture?: (value: T) => string,
): T {
  define(target, INSPECT, (value) => blocksText(blocks(value)));
  return define(target, JUPYTER_DISPLAY, (value) => display(blocks(value), picture?.(value)));
}

function define<T extends object>(target: T, symbol: symbol, show: (value: T) => unknown): T {
  return Object.defineProperty(target, symbol, {
    value(this: T) {
      return show(this);
    },
    configurable: true,
  });
}
