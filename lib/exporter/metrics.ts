/**
 * What processes wrote lately as an OpenMetrics page, for Prometheus. Each page is made on request, so that
 * nothing is kept of processes that are gone.
 *
 * @module
 */

import { cpuUsage, memoryUsage } from "node:process";
import { Counter, Gauge, Registry } from "prom-client";
import type { RecentState } from "../analysis/recent_writes.ts";
import { coverageOf } from "../core/coverage.ts";
import { plainText } from "../core/plain_text.ts";
import type { UntrackedMember } from "../session/untracked_members.ts";
import type { TrackerKind } from "../core/snapshot.ts";
import { VERSION } from "../core/version.ts";

/** How the tracking goes as a whole. */
export interface WatchState {
  readonly states: readonly RecentState[];
  /** All processes together, with shared memory counted once; undefined of fewer than two. */
  readonly group: RecentState | undefined;
  /** The processes that live and are not tracked. */
  readonly untracked: readonly UntrackedMember[];
  /** Sums over all processes, those too that are gone. */
  readonly all: { readonly dirtyBytes: number; readonly windowCount: number };
  readonly tracker: TrackerKind;
  readonly kernelRelease: string;
  /** The wait before the next snapshots, and that which was asked for. */
  readonly waitMs: number;
  readonly wantedMs: number;
  /** From 0 to 1. */
  readonly budget: number;
  /** How often a process that had not ended could not be tracked, or no longer. */
  readonly failureCount: number;
}

/** A value of each process: a gauge, or a counter if its name ends as counters do. */
type OfProcess = readonly [name: string, help: string, value: (state: RecentState) => number];

const pages = ({ snapshot }: RecentState, { pageCount }: { readonly pageCount: number }) =>
  pageCount * snapshot.pageSizeBytes;

const OF_PROCESS: readonly OfProcess[] = [
  [
    "softdirty_dirty_bytes_total",
    "Memory that was written to; once for each window in which it was.",
    ({ totals }) => totals.dirtyBytes,
  ],
  [
    "softdirty_window_seconds_total",
    "The time in which that was, from each clear to the end of the read after it.",
    ({ totals }) => totals.windowNs / 1e9,
  ],
  ["softdirty_windows_total", "How many windows that were.", ({ totals }) => totals.windowCount],
  [
    "softdirty_dirty_rate_bytes_per_second",
    "Memory that was written to in the last window, by its length.",
    ({ rates }) => rates.at(-1)!,
  ],
  [
    "softdirty_working_set_bytes",
    "Memory that was written to in the last softdirty_working_set_seconds.",
    (state) => pages(state, state.workingSet),
  ],
  [
    "softdirty_working_set_seconds",
    "The time that softdirty_working_set_bytes covers.",
    ({ workingSetNs }) => workingSetNs / 1e9,
  ],
  [
    "softdirty_untracked_bytes",
    "Memory whose writes the tracker cannot see.",
    (state) => pages(state, state.snapshot.untracked),
  ],
  [
    "softdirty_device_writable_bytes",
    "Memory that devices or the kernel can write to, which no tracker sees.",
    ({ snapshot }) => coverageOf(snapshot).deviceWritablePages * snapshot.pageSizeBytes,
  ],
  [
    "softdirty_unseen_seconds_total",
    "Time in which writes may have been lost between a read and the clear after it.",
    ({ totals }) => totals.unseenNs / 1e9,
  ],
  [
    "softdirty_tracking_seconds_total",
    "How long reads and clears took.",
    ({ totals }) => totals.trackingNs / 1e9,
  ],
  [
    "softdirty_stopped_seconds_total",
    "How long the process was stopped for them.",
    ({ totals }) => totals.stoppedNs / 1e9,
  ],
  [
    "softdirty_target_cost_seconds_total",
    "What tracking cost the process, estimated from above: a microsecond for each fault, and the clears.",
    ({ totals }) => totals.targetCostNs / 1e9,
  ],
  [
    "softdirty_last_read_timestamp_seconds",
    "When the last read began, in Unix time.",
    ({ snapshot }) => snapshot.readAt.getTime() / 1e3,
  ],
];

/** What stands only where there are several processes. */
const OF_GROUP: readonly OfProcess[] = [
  [
    "softdirty_group_dirty_rate_bytes_per_second",
    "Memory that all processes together wrote to in the last round, shared memory once.",
    ({ rates }) => rates.at(-1)!,
  ],
  [
    "softdirty_group_working_set_bytes",
    "Memory that all processes together wrote to in the last softdirty_working_set_seconds.",
    (state) => pages(state, state.workingSet),
  ],
  [
    "softdirty_group_untracked_bytes",
    "Memory of all processes whose writes the tracker cannot see, shared memory once.",
    (state) => pages(state, state.snapshot.untracked),
  ],
];

/** Metrics without labels. */
const OF_ALL: readonly (readonly [
  name: string,
  help: string,
  value: (watch: WatchState) => number,
])[] = [
  ["softdirty_processes", "Processes that are tracked.", ({ states }) => states.length],
  [
    "softdirty_untracked_processes",
    "Processes that live and are not tracked, as softdirty_process_untracked lists them.",
    ({ untracked }) => untracked.length,
  ],
  [
    "softdirty_failures_total",
    "How often a process that had not ended could not be tracked, or no longer.",
    ({ failureCount }) => failureCount,
  ],
  [
    "softdirty_all_dirty_bytes_total",
    "Memory that all processes wrote to, those too that are gone.",
    ({ all }) => all.dirtyBytes,
  ],
  [
    "softdirty_all_windows_total",
    "The windows in which they did.",
    ({ all }) => all.windowCount,
  ],
  [
    "softdirty_wait_seconds",
    "The wait before the next snapshots.",
    ({ waitMs }) => waitMs / 1e3,
  ],
  [
    "softdirty_wanted_wait_seconds",
    "The wait where that is within the budget.",
    ({ wantedMs }) => wantedMs / 1e3,
  ],
  [
    "softdirty_budget_ratio",
    "The share of its time that tracking may cost a process.",
    ({ budget }) => budget,
  ],
  [
    "softdirty_exporter_cpu_seconds_total",
    "Time of processors that this program took.",
    () => {
      const { user, system } = cpuUsage();
      return (user + system) / 1e6;
    },
  ],
  ["softdirty_exporter_resident_bytes", "Memory of this program.", () => memoryUsage().rss],
];

/** The text of the page. */
export async function metricsPage(watch: WatchState): Promise<string> {
  const registry = new Registry();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
  const metric = (name: string, help: string, labelNames: string[]) => {
    const options = { name, help, labelNames, registers: [registry] };
    return name.endsWith("_total") ? new Counter(options) : new Gauge(options);
  };
  metric("softdirty_tracker", "How writes are tracked.", ["version", "tracker", "kernel"])
    .inc({ version: VERSION, tracker: watch.tracker, kernel: plainText(watch.kernelRelease) }, 1);
  for (const [name, help, value] of OF_ALL) metric(name, help, []).inc(value(watch));
  for (const [name, help, value] of watch.group === undefined ? [] : OF_GROUP) {
    metric(name, help, []).inc(value(watch.group!));
  }
  const untracked = metric(
    "softdirty_process_untracked",
    "1 for a process that lives and is not tracked: what it writes is in no other number.",
    ["pid", "command", "reason"],
  );
  for (const { process: { pid, command }, reason } of watch.untracked) {
    untracked.inc({ pid, command: plainText(command), reason }, 1);
  }
  for (const [name, help, value] of OF_PROCESS) {
    const family = metric(name, help, ["pid", "command"]);
    for (const state of watch.states) {
      const { pid, command } = state.process;
      family.inc({ pid, command: plainText(command) }, value(state));
    }
  }
  return await registry.metrics();
}
