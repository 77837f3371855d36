/**
 * Live processes for `top`, which are recorded while the user wants it.
 *
 * @module
 */

import { RecentTable } from "../analysis/recent_table.ts";
import { ProcessError, SoftdirtyError, TraceError } from "../core/errors.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { warningLine } from "../report/event_text.ts";
import { trackingLines } from "../report/top/tracking_lines.ts";
import { formatCount, formatDuration } from "../report/units.ts";
import type { LiveSource } from "../session/live_source.ts";
import type { WarningEvent } from "../trace/schema.ts";
import { watchAny } from "../session/watch_any.ts";
import type { WatchOptions } from "../session/watch.ts";
import { type TopFeed, type UntrackedNow, untrackedStatus } from "./feed.ts";

/** So many warnings are kept. */
const MAX_WARNINGS = 100;

/** What to watch: some processes, each with what descends from it if `children` says so, or a group. */
export interface LiveTargets extends Pick<WatchOptions, "children" | "cgroup"> {
  readonly pids: readonly number[];
}

/** How to watch. */
export interface LiveFeedOptions extends Pick<WatchOptions, "count"> {
  readonly intervalMs?: number | undefined;
  readonly workingSetNs?: number | undefined;
}

/** Watches live processes. */
export class LiveFeed implements TopFeed {
  readonly table: RecentTable;
  readonly help = ["r record"];
  readonly #source: LiveSource;
  readonly #targets: LiveTargets;
  readonly #options: LiveFeedOptions;
  readonly #failures: string[] = [];
  readonly #warnings: string[] = [];
  readonly #recorded: string[] = [];
  #isEnded = false;

  constructor(source: LiveSource, targets: LiveTargets, options: LiveFeedOptions = {}) {
    this.#source = source;
    this.#targets = targets;
    this.#options = options;
    this.table = new RecentTable(options.workingSetNs);
  }

  /** Why processes could not be watched, or no longer. */
  get failures(): readonly string[] {
    return this.#failures;
  }

  /** What the user should know of processes, a line each. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Takes a warning, as of `LiveOptions.onWarning`. */
  warned(warning: WarningEvent): void {
    if (this.#warnings.length < MAX_WARNINGS) this.#warnings.push(warningLine(warning));
  }

  get untracked(): readonly UntrackedNow[] {
    return this.#source.untracked.living;
  }

  /** The files that were recorded, and are whole. */
  get recorded(): readonly string[] {
    return this.#recorded;
  }

  get empty(): string {
    return this.#isEnded
      ? "all processes have ended"
      : "what is written from now on is shown in a moment";
  }

  status(): string[] {
    const { states } = this.table;
    const interval = formatDuration((this.#options.intervalMs ?? 1000) * 1e6);
    const count = `${formatCount(states.length)} ${states.length === 1 ? "process" : "processes"}`;
    const { tracker } = this.#source.probe();
    const { tracePath } = this.#source;
    const recording = tracePath !== undefined
      ? `RECORDING into ${tracePath}`
      : this.#recorded.length === 0
      ? ""
      : `recorded ${this.#recorded.at(-1)}`;
    const title = this.#isEnded ? "ended; this is the last that was seen" : count;
    return [
      `softdirty top: ${title}, ${tracker}, each ${interval}`,
      ...trackingLines(states, this.table.group),
      ...untrackedStatus(this),
      ...recording === "" ? [] : [recording],
      ...this.#warnings.slice(-1),
      ...this.#failures.slice(-1),
    ];
  }

  key(name: string): void {
    if (name !== "r") return;
    try {
      if (this.#source.tracePath !== undefined) this.stopRecording();
      else if (!this.#isEnded) this.#source.startRecording();
    } catch (error) {
      if (!(error instanceof SoftdirtyError)) throw error;
      this.#failures.push(error.message);
    }
  }

  /** Ends the recording, if there is one. */
  stopRecording(): void {
    const file = this.#source.stopRecording();
    if (file !== undefined) this.#recorded.push(file);
  }

  /** @throws ProcessError if there is nothing to watch from the beginning. */
  async run(onChange: () => void, signal: AbortSignal): Promise<void> {
    const { pids, cgroup, children } = this.#targets;
    const { intervalMs = 1000, count } = this.#options;
    const options = { intervalMs, count, cgroup, children, signal };
    const all = cgroup === undefined ? [...new Set(pids)] : [0];
    let failure: ProcessError | undefined;
    let watched = all.length;
    await Promise.all(all.map(async (pid) => {
      try {
        for await (const snapshot of this.#watched(pid, options)) {
          this.table.add(snapshot);
          onChange();
        }
        // What was seen last stays, where nothing else is seen.
        if (--watched > 0 && !signal.aborted && count === undefined) this.table.remove(pid);
      } catch (error) {
        if (!(error instanceof ProcessError)) throw error;
        failure = error;
        watched--;
        this.#failures.push(error.message);
        onChange();
      }
    }));
    this.stopRecording();
    if (failure !== undefined && this.table.states.length === 0) throw failure;
    // Else enough was seen.
    this.#isEnded = count === undefined;
    onChange();
  }

  /** Continues without a recording, where that fails. */
  async *#watched(pid: number, options: WatchOptions): AsyncGenerator<Snapshot, void, void> {
    for (;;) {
      try {
        return yield* watchAny(this.#source, () => pid, options);
      } catch (error) {
        if (!(error instanceof TraceError)) throw error;
        this.#failures.push(error.message);
        this.stopRecording();
      }
    }
  }
}
