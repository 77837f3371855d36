/**
 * Counters for Perfetto and chrome://tracing, in the JSON of the Trace Event Format: for each process the
 * rate at which it dirtied memory in each window, by mapping.
 *
 * @module
 */

import { timeSeries } from "../../analysis/time_series.ts";
import { plainText } from "../../core/plain_text.ts";
import type { SnapshotSeries } from "../../core/untracked_process.ts";
import { coverageLines } from "../coverage_text.ts";

/** The most windows for each process; of more, neighbours are averaged. */
const COLUMNS = 4096;
/** Mappings that have a track of their own. */
const TRACKS = 16;

/** The events, an object for each; times are microseconds since the session began. */
export function* traceEvents(snapshots: SnapshotSeries): Generator<object, void, void> {
  for (
    const { process, pageSizeBytes, columns, durationNs, ...series } of timeSeries(
      snapshots,
      COLUMNS,
    )
  ) {
    const { pid } = process;
    yield { name: "process_name", ph: "M", pid, args: { name: plainText(process.command) } };
    const { names, dirtyPages, dirtyPagesByName, untrackedPages, coverage } = series;
    const labels = coverageLines(coverage).join("; ");
    if (labels !== "") yield { name: "process_labels", ph: "M", pid, args: { labels } };
    const hasUntracked = coverage.untrackedPages > 0;
    const tracks = ["dirty rate"];
    for (const name of names.slice(0, TRACKS)) {
      tracks.push(`dirty rate of ${name === "" ? "[anon]" : plainText(name)}`);
    }
    for (const [i, { startNs, endNs }] of columns.entries()) {
      const perSecond = (pages: number) => pages * pageSizeBytes / durationNs[i] * 1e9;
      const counter = (name: string, ts: number, bytesPerSecond: number) => ({
        ...{ name, ph: "C", pid, ts, args: { bytesPerSecond } },
      });
      for (const [n, track] of tracks.entries()) {
        const pages = n === 0 ? dirtyPages[i] : dirtyPagesByName[n - 1][i];
        yield counter(track, startNs / 1e3, perSecond(pages));
      }
      if (hasUntracked) {
        const args = { bytes: untrackedPages[i] * pageSizeBytes };
        yield { name: "untracked memory", ph: "C", pid, ts: startNs / 1e3, args };
      }
      // Where no window follows at once, nothing is known.
      if (!(columns[i + 1]?.startNs <= endNs)) {
        for (const track of tracks) yield counter(track, endNs / 1e3, 0);
      }
    }
  }
}

/** The same as the text of a file, piece by piece. */
export function* traceEventJson(snapshots: SnapshotSeries): Generator<string, void, void> {
  yield '{"displayTimeUnit":"ms","traceEvents":[';
  let separator = "";
  for (const event of traceEvents(snapshots)) {
    yield `${separator}${JSON.stringify(event)}`;
    separator = ",";
  }
  yield "]}";
}
