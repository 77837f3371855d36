/**
 * A trace as OpenMetrics text with times, as a time series database takes it in afterwards:
 * `promtool tsdb create-blocks-from openmetrics FILE`. Counters add up the windows of each process
 * (the OpenMetrics specification, version 1.0).
 *
 * @module
 */

import { type TimeSeries, timeSeries } from "../../analysis/time_series.ts";
import type { Covered } from "../../analysis/windows.ts";
import { plainText } from "../../core/plain_text.ts";
import type { SnapshotSeries } from "../../core/untracked_process.ts";

/** The most windows for each process; of more, neighbours are merged. */
const COLUMNS = 4096;
/** Mappings that have a series of their own. */
const MAPPINGS = 16;

/** One series: its labels, and how much each column adds. */
interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly added: (column: number) => number;
  readonly of: TimeSeries;
}

/** A family of counters, or of gauges, whose values do not add up. */
interface Family {
  readonly type: "counter" | "gauge";
  readonly name: string;
  readonly unit: string;
  readonly help: string;
  readonly series: (of: TimeSeries & Covered) => readonly Series[];
}

const FAMILIES: readonly Family[] = [
  {
    type: "counter",
    name: "softdirty_dirty_bytes",
    unit: "bytes",
    help: "Memory that was written to; once for each window in which it was.",
    series: (of) => [{
      labels: {},
      added: (i) => of.dirtyPages[i] * of.pageSizeBytes,
      of,
    }],
  },
  {
    type: "counter",
    name: "softdirty_mapping_dirty_bytes",
    unit: "bytes",
    help: "The same, of the mappings of one name.",
    series: (of) =>
      of.names.slice(0, MAPPINGS).map((name, n) => ({
        labels: { mapping: name === "" ? "[anon]" : name },
        added: (i) => of.dirtyPagesByName[n][i] * of.pageSizeBytes,
        of,
      })),
  },
  {
    type: "gauge",
    name: "softdirty_untracked_bytes",
    unit: "bytes",
    help: "Memory whose writes the tracker cannot see: none of it is in the other metrics.",
    series: (of) => [{ labels: {}, added: (i) => of.untrackedPages[i] * of.pageSizeBytes, of }],
  },
  {
    type: "gauge",
    name: "softdirty_device_writable_bytes",
    unit: "bytes",
    help: "Memory that devices or the kernel can write to, which no tracker sees; the most.",
    series: (of) => {
      const bytes = of.coverage.deviceWritablePages * of.pageSizeBytes;
      return bytes === 0 ? [] : [{ labels: {}, added: () => bytes, of }];
    },
  },
  {
    type: "counter",
    name: "softdirty_window_seconds",
    unit: "seconds",
    help: "The time in which that was, from each clear to the end of the last read after it.",
    series: (of) => [{ labels: {}, added: (i) => of.durationNs[i] / 1e9, of }],
  },
];

/** The lines of the page, to the end that the specification asks for. */
export function* openMetricsLines(
  snapshots: SnapshotSeries,
  host: string,
  originUnixMs: number,
): Generator<string, void, void> {
  const all = timeSeries(snapshots, COLUMNS);
  const seconds = (ns: number) => (originUnixMs / 1e3 + ns / 1e9).toFixed(6);
  for (const { type, name, unit, help, series } of FAMILIES) {
    const sample = type === "counter" ? `${name}_total` : name;
    yield `# TYPE ${name} ${type}`;
    yield `# UNIT ${name} ${unit}`;
    yield `# HELP ${name} ${help}`;
    const byLabels = new Map<string, Series[]>();
    for (const one of all.flatMap(series)) {
      const { pid, command, startTimeTicks } = one.of.process;
      const process = { pid: String(pid), command, start_ticks: String(startTimeTicks) };
      const labels = { host, ...process, ...one.labels };
      // A program that executes itself continues the series of the one before; names that look alike,
      // as what cannot be printed may make them, have series of their own.
      for (let n = 1;; n++) {
        const labelled = labelText(n === 1 ? labels : { ...labels, alike: String(n) });
        const parts = byLabels.get(labelled) ?? [];
        const endNs = parts.at(-1)?.of.columns.at(-1)?.endNs ?? 0;
        if (endNs > one.of.columns[0].startNs) continue;
        parts.push(one);
        byLabels.set(labelled, parts);
        break;
      }
    }
    for (const [labelled, parts] of byLabels) {
      let total = 0;
      yield `${sample}${labelled} 0 ${seconds(parts[0].of.columns[0].startNs)}`;
      for (const { added, of } of parts) {
        for (const [i, { endNs }] of of.columns.entries()) {
          total = type === "counter" ? total + added(i) : added(i);
          yield `${sample}${labelled} ${total} ${seconds(endNs)}`;
        }
      }
    }
  }
  yield "# EOF";
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const parts = Object.entries(labels).map(([name, value]) => {
    const text = plainText(value).replace(/[\\"]/g, "\\$&");
    return `${name}="${text}"`;
  });
  return `{${parts.join(",")}}`;
}
