/// <reference lib="esnext.disposable" preserve="true" />

/**
 * The `sd` namespace: the same calls over a live process and over a recorded one.
 *
 * @module
 */

import { diffSnapshots, type SnapshotDiff } from "../core/diff.ts";
import { ArgumentError } from "../core/errors.ts";
import type { ProbeReport } from "../core/probe_report.ts";
import type { ReadOptions } from "../core/tracker.ts";
import type { ClearEvent, Snapshot } from "../core/snapshot.ts";
import type { TraceReader } from "../trace/reader.ts";
import type { MarkEvent } from "../trace/schema.ts";
import { filterSnapshot, type Selection } from "../query/filter.ts";
import { checked } from "./checked_calls.ts";
import { createMeasures, type Measures } from "./measures.ts";
import { openTrace } from "../files/open_trace.ts";
import { ReplaySource } from "./replay_source.ts";
import type { SnapshotSource } from "./source.ts";
import type { WatchOptions } from "./watch.ts";
import { watchAny } from "./watch_any.ts";

export { openTrace };

/** Options of `sd.wait`. */
export interface WaitOptions {
  /** Ends the wait when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** The interface for a person or a script. A pid that is left out is the session's own. */
export interface Sd extends Measures {
  /** The process to use when no pid is given. */
  readonly pid: number | undefined;
  /** The trace that this session writes, or replays. */
  readonly tracePath: string | undefined;
  /**
   * Forgets what the process wrote until now.
   *
   * @throws TrackingUnsupportedError if the kernel was not proven to track
   * @throws ProcessError if the process cannot be tracked
   */
  clear(pid?: number): ClearEvent;
  /** What the process wrote since the last clear. Throws as `clear` does. */
  read(pid?: number, options?: ReadOptions): Snapshot;
  /**
   * What the process wrote since the last clear, and forgets it: in one step with uffd-wp, so that no
   * write is lost; a read and a clear with soft-dirty. Throws as `clear` does.
   */
  take(pid?: number, options?: ReadOptions): Snapshot;
  /** What changed from one snapshot to another. */
  diff(before: Snapshot, after: Snapshot): SnapshotDiff;
  /**
   * The part of a snapshot that is selected by an expression, as in `"perms has w and size >= 2MiB"`, by
   * conditions, or by a function that keeps mappings.
   */
  filter(snapshot: Snapshot, how: Selection): Snapshot;
  /** Puts a remark into the trace. */
  mark(text: string): MarkEvent;
  /** What the kernel was proven to do. */
  probe(): ProbeReport;
  /** Opens a trace for access in any order. */
  open(file: string): TraceReader;
  /**
   * Waits for this many milliseconds; a replay does not wait.
   *
   * @param options `signal` ends the wait: the promise is then rejected with the signal's `reason`, an
   *   `AbortError` by default, also in a replay
   * @throws ArgumentError if `durationMs` is negative or no number
   */
  wait(durationMs: number, options?: WaitOptions): Promise<void>;
  /**
   * Does something to the target, as sending it a request, and gives what comes of it; a replay does
   * nothing, and gives undefined.
   */
  act<T>(action: () => T | Promise<T>): Promise<T | undefined>;
  /**
   * Clear once; then wait and take, again and again. Ends when the process or the trace does. With
   * `children` or `cgroup` each round takes a snapshot of each process that is there.
   */
  watch(pid?: number, options?: WatchOptions): AsyncGenerator<Snapshot, void, void>;
  /** Ends the session; the trace is whole at any time, also without this. */
  close(): void;
  /** The same, at the end of a block that began with `using`. */
  [Symbol.dispose](): void;
}

/**
 * A session over a trace.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const sd = openReplay("recordings/traces/redis.sdtrace");
 * sd.clear();
 * const a = sd.read();
 * sd.clear();
 * assert.equal(sd.diff(a, sd.read()).isClearedBetween, true);
 * ```
 *
 * @throws TraceError if the file cannot be read.
 */
export function openReplay(file: string, options: { readonly pid?: number | undefined } = {}): Sd {
  return createSd(new ReplaySource(openTrace(file), options.pid));
}

/** The calls over any source. */
export function createSd(source: SnapshotSource): Sd {
  const target = (pid: number | undefined): number => {
    const chosen = pid ?? source.defaultPid;
    if (chosen !== undefined) return chosen;
    throw new ArgumentError(
      "No pid was given",
      "Name one, as in sd.read(42), or start with -p PID",
    );
  };
  const sd: Sd = {
    pid: source.defaultPid,
    tracePath: source.tracePath,
    clear: checked("clear", (pid?: number) => source.clear(target(pid))),
    read: checked(
      "read",
      (pid?: number, options?: ReadOptions) => source.read(target(pid), options),
    ),
    take: checked(
      "take",
      (pid?: number, options?: ReadOptions) => source.take(target(pid), options),
    ),
    diff: checked("diff", diffSnapshots),
    filter: checked("filter", filterSnapshot),
    mark: checked("mark", (text: string) => source.mark(text)),
    probe: checked("probe", () => source.probe()),
    open: checked("open", openTrace),
    ...checkedMeasures(createMeasures(openTrace, () => source.replayed ?? source.tracePath)),
    wait: checked("wait", async (durationMs: number, { signal }: WaitOptions = {}) => {
      signal?.throwIfAborted();
      await source.wait(durationMs, signal);
      signal?.throwIfAborted();
    }),
    act: checked("act", (action) => source.act(action)) as Sd["act"],
    watch: checked(
      "watch",
      (pid?: number, options: WatchOptions = {}) => watchAny(source, () => target(pid), options),
    ),
    close: checked("close", () => source.close()),
    [Symbol.dispose]: () => source.close(),
  };
  return Object.freeze(sd);
}

function checkedMeasures({ plan, ...measures }: Measures): Measures {
  return {
    rate: checked("rate", measures.rate),
    wss: checked("wss", measures.wss),
    heat: checked("heat", measures.heat),
    hot: checked("hot", measures.hot),
    byMapping: checked("byMapping", measures.byMapping),
    phases: checked("phases", measures.phases),
    compare: checked("compare", measures.compare),
    plan: Object.freeze<Measures["plan"]>({
      migrate: checked("plan.migrate", plan.migrate),
      checkpoint: checked("plan.checkpoint", plan.checkpoint),
      fork: checked("plan.fork", plan.fork),
    }),
  };
}
