/**
 * Counters for Perfetto and chrome://tracing, in the JSON of the Trace Event Format: for each process the
 * rate at which it dirtied memory in each window, by mapping.
 *
 * @module
 */

import { timeSeries } from "../../analysis/time_series.ts";
import { plainText } from "../../core/plain_text.ts";
import type { Snapshot } from "../../core/snapshot.ts";

/** Windows of each process that are told at most; of more, neighbours are averaged. */
const COLUMNS = 4096;
/** Mappings that have a track of their own. */
const TRACKS = 16;

/** The events, an object for each; times are microseconds since the session began. */
export function* traceEvents(snapshots: Iterable<Snapshot>): Generator<object, void, void> {
  for (
    const { process, pageSizeBytes, columns, durationNs, ...series } of timeSeries(
      snapshots,
      COLUMNS,
    )
  ) {
    const { pid } = process;
    yield { name: "process_name", ph: "M", pid, args: { name: plainText(process.command) } };
    const { names, dirtyPages, dirtyPagesByName } = series;
    for (const [i, { startNs, endNs }] of columns.entries()) {
      const perSecond = (pages: number) => pages * pageSizeBytes / durationNs[i] * 1e9;
      const counter = (name: string, ts: number, bytesPerSecond: number) => ({
        ...{ name, ph: "C", pid, ts, args: { bytesPerSecond } },
      });
      yield counter("dirty rate", startNs / 1e3, perSecond(dirtyPages[i]));
      for (const [n, name] of names.slice(0, TRACKS).entries()) {
        const told = name === "" ? "[anon]" : plainText(name);
        yield counter(`dirty rate of ${told}`, startNs / 1e3, perSecond(dirtyPagesByName[n][i]));
      }
      if (i === columns.length - 1) yield counter("dirty rate", endNs / 1e3, 0);
    }
  }
}

/** The same as the text of a file, piece by piece. */
export function* traceEventJson(snapshots: Iterable<Snapshot>): Generator<string, void, void> {
  yield '{"displayTimeUnit":"ms","traceEvents":[';
  let separator = "";
  for (const event of traceEvents(snapshots)) {
    yield `${separator}${JSON.stringify(event)}`;
    separator = ",";
  }
  yield "]}";
}
