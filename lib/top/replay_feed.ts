/**
 * A trace for `top`, which plays it as fast as the user wants, from where he wants.
 *
 * @module
 */

import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RecentTable } from "../analysis/recent_table.ts";
import type { TraceError } from "../core/errors.ts";
import { Snapshot } from "../core/snapshot.ts";
import { trackingLines } from "../report/top/tracking_lines.ts";
import { formatCount, formatDuration } from "../report/units.ts";
import type { TraceReader } from "../trace/reader.ts";
import { type UntrackedStretch, untrackedStretches } from "../trace/untracked_stretches.ts";
import { type TopFeed, type UntrackedNow, untrackedStatus } from "./feed.ts";

/** Between two looks at the clock. */
const TICK_MS = 100;
/** Reads of each process, before the position, from which the table is filled after a jump. */
const REMEMBERED = 64;
const FASTEST = 1024;
const SLOWEST = 1 / 64;

/** Plays a trace. */
export class ReplayFeed implements TopFeed {
  readonly table: RecentTable;
  readonly help = ["←→ seek", "+- speed", "home end"];
  readonly empty = "no snapshot was measured from a clear until here";
  readonly #trace: TraceReader;
  /** The event of each read, and when it began. */
  readonly #reads: readonly { readonly event: number; readonly atNs: number }[];
  readonly #startNs: number;
  readonly #endNs: number;
  /** How far back it is looked after a jump, in time and in reads. */
  readonly #rememberedNs: number;
  readonly #remembered: number;
  readonly #untracked: readonly UntrackedStretch[];
  readonly #damaged = new Set<number>();
  readonly #onDamaged: (error: TraceError) => void;
  readonly #onWork: (units: number) => void;
  #atNs: number;
  #next = 0;
  #speed: number;

  /**
   * @param options with `isWhole` the sums are of all of the trace up to the position; `onDamaged` is handed
   * each record that cannot be read, and `onWork` the work of each read, as a `WorkBudget` counts it
   */
  constructor(
    trace: TraceReader,
    options: {
      speed?: number | undefined;
      workingSetNs?: number | undefined;
      isWhole?: boolean | undefined;
      onDamaged?: ((error: TraceError) => void) | undefined;
      onWork?: ((units: number) => void) | undefined;
    } = {},
  ) {
    this.#onWork = options.onWork ?? (() => {});
    this.#onDamaged = options.onDamaged ?? (() => {});
    this.#trace = trace;
    this.table = new RecentTable(options.workingSetNs);
    this.#speed = options.speed ?? 1;
    const reads = [];
    const pids = new Set<number>();
    for (let event = 0; event < trace.eventCount; event++) {
      const { type, atNs, process } = trace.summary(event);
      if (type !== "read") continue;
      reads.push({ event, atNs });
      if (process !== undefined) pids.add(process.pid);
    }
    this.#reads = reads;
    this.#untracked = untrackedStretches(trace);
    this.#remembered = options.isWhole ? Infinity : REMEMBERED * pids.size;
    this.#rememberedNs = 1.25 * this.table.workingSetNs;
    this.#startNs = trace.eventCount === 0 ? 0 : trace.summary(0).atNs;
    this.#endNs = reads.at(-1)?.atNs ?? this.#startNs;
    this.#atNs = this.#startNs;
  }

  get untracked(): readonly UntrackedNow[] {
    return this.#untracked.filter(({ fromNs, untilNs }) =>
      fromNs <= this.#atNs && (untilNs === null || untilNs > this.#atNs)
    );
  }

  status(): string[] {
    const { states } = this.table;
    const [at, all] = [this.#atNs - this.#startNs, this.#endNs - this.#startNs].map(formatDuration);
    const lost = this.#damaged.size + this.#trace.problems.length;
    return [
      `softdirty top: replay of ${basename(this.#trace.name)}`,
      `${at} of ${all}, speed ${this.#speed}; ${formatCount(this.#next)} of ` +
      `${formatCount(this.#reads.length)} snapshots; ${this.#trace.header.tracker}`,
      ...trackingLines(states, this.table.group),
      ...untrackedStatus(this),
      ...lost > 0 ? [`passed over as damaged: ${formatCount(lost)}`] : [],
    ];
  }

  key(name: string): void {
    const step = Math.max(1e9, (this.#endNs - this.#startNs) / 20);
    if (name === "right") this.seek(this.#atNs + step);
    else if (name === "left") this.seek(this.#atNs - step);
    else if (name === "home") this.seek(this.#startNs);
    else if (name === "end") this.seek(this.#endNs);
    else if (name === "+") this.#speed = Math.min(FASTEST, this.#speed * 2);
    else if (name === "-") this.#speed = Math.max(SLOWEST, this.#speed / 2);
  }

  /** Goes to a moment, in nanoseconds since the session of the trace began. */
  seek(atNs: number): void {
    this.#atNs = Math.min(this.#endNs, Math.max(this.#startNs, atNs));
    this.table.clear();
    this.#next = this.#reads.findIndex((read) => read.atNs > this.#atNs);
    if (this.#next < 0) this.#next = this.#reads.length;
    const [first, fromNs] = [this.#next - this.#remembered, this.#atNs - this.#rememberedNs];
    while (this.#next > 0) {
      if (this.#next <= first && this.#reads[this.#next - 1].atNs < fromNs) break;
      this.#next--;
    }
    this.#catchUp();
  }

  async run(onChange: () => void, signal: AbortSignal): Promise<void> {
    this.seek(this.#atNs);
    onChange();
    let lastMs = performance.now();
    while (!signal.aborted) {
      await sleep(TICK_MS, undefined, { signal }).catch(() => {});
      const elapsedMs = performance.now() - lastMs;
      lastMs += elapsedMs;
      if (this.#atNs >= this.#endNs) continue;
      this.#atNs = Math.min(this.#endNs, this.#atNs + elapsedMs * 1e6 * this.#speed);
      this.#catchUp();
      onChange();
    }
  }

  /** Takes what was read until now. */
  #catchUp(): void {
    for (; this.#reads[this.#next]?.atNs <= this.#atNs; this.#next++) {
      const { event } = this.#reads[this.#next];
      const snapshot = this.#trace.readable(event, this.#onWork, (error) => {
        this.#damaged.add(this.#next);
        this.#onDamaged(error);
      });
      if (snapshot instanceof Snapshot) this.table.add(snapshot);
    }
  }
}
