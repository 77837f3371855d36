/**
 * Watches processes for days, and backs off where that would cost them too much.
 *
 * @module
 */

import { waitWithinBudget } from "../analysis/budget.ts";
import { RecentTable } from "../analysis/recent_table.ts";
import { ProcessError } from "../core/errors.ts";
import type { LiveSource } from "../session/live_source.ts";
import { watchAny } from "../session/watch_any.ts";
import type { WatchState } from "./metrics.ts";

/** The errors of a process that has ended, as processes do. */
const ENDED: ReadonlySet<string> = new Set(["no-such-process", "process-exited", "zombie"]);

/** What to watch, and how. */
export interface WatcherOptions {
  /** The process; with `children` also its descendants. */
  readonly pid?: number | undefined;
  readonly children?: boolean | undefined;
  readonly cgroup?: string | undefined;
  readonly intervalMs: number;
  /** The share of its time that tracking may cost a process, from 0 to 1. */
  readonly budget: number;
  readonly workingSetNs: number;
  readonly kernelRelease: string;
  /** Is called once, when there is a first process to track, or a group to wait for. */
  readonly onBegin: () => void;
  /** Is called each time that a control group is found empty. */
  readonly onEmpty?: (() => void) | undefined;
}

/** Watches until its process has ended; a control group that is empty is waited for. */
export class Watcher {
  readonly #source: LiveSource;
  readonly #options: WatcherOptions;
  readonly #table: RecentTable;
  #waitMs: number;
  #failureCount = 0;

  constructor(source: LiveSource, options: WatcherOptions) {
    this.#source = source;
    this.#options = options;
    this.#table = new RecentTable(options.workingSetNs);
    this.#waitMs = options.intervalMs;
  }

  /** How it goes. */
  get state(): WatchState {
    const { intervalMs: wantedMs, budget, kernelRelease } = this.#options;
    return {
      ...{
        states: this.#table.states,
        group: this.#table.group?.state,
        all: this.#table.all,
        tracker: this.#source.probe().tracker,
        kernelRelease,
      },
      untracked: this.#source.untracked.living,
      ...{ waitMs: this.#waitMs, wantedMs, budget, failureCount: this.#failureCount },
    };
  }

  /** @throws ProcessError if the process cannot be tracked, or there is no such group. */
  async run(signal: AbortSignal): Promise<void> {
    const { pid, cgroup, children, intervalMs, budget, onEmpty } = this.#options;
    let isBegun = false;
    const begin = () => {
      if (!isBegun) this.#options.onBegin();
      isBegun = true;
    };
    const wait = () => {
      begin();
      return this.#waitMs = waitWithinBudget(this.#table.states, intervalMs, budget);
    };
    const onFailure = ({ code }: ProcessError) => {
      if (!ENDED.has(code)) this.#failureCount++;
    };
    const options = { cgroup, children, intervalMs: wait, onFailure, signal };
    for (let isFirst = true, wasEmpty = false; !signal.aborted; isFirst = false) {
      let isEmpty = true;
      try {
        for await (const snapshot of watchAny(this.#source, () => pid!, options)) {
          this.#table.add(snapshot);
          isEmpty = false;
        }
      } catch (error) {
        if (cgroup === undefined || !(error instanceof ProcessError)) throw error;
        // A group that is not there from the beginning is a mistake; later it may be made again.
        if (isFirst && error.code !== "empty-group") throw error;
      }
      this.#table.clear();
      if (cgroup === undefined || signal.aborted) return;
      begin();
      if (!wasEmpty || !isEmpty) onEmpty?.();
      wasEmpty = true;
      await this.#source.wait(intervalMs, signal);
    }
  }
}
