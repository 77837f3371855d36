/// <reference lib="dom" />
/**
 * The curve of the writable working set, of the windows that lie in the time that is looked at.
 *
 * @module
 */

import { distribution } from "../analysis/distribution.ts";
import { formatBytes, formatDuration } from "../report/units.ts";
import { Chart } from "./chart.ts";
import { element, section } from "./dom.ts";
import type { Look, ViewFilter } from "./view_filter.ts";
import type { ShownProcess } from "./unpacked.ts";

/** Windows of one length. */
interface Point {
  readonly seconds: number;
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

/** The section. */
export function wssSection(process: ShownProcess, filter: ViewFilter): HTMLElement {
  const { wss, verdicts } = process;
  const chart = new Chart();
  const note = element("p", { class: "sum", "data-of": "wss", "data-value": wss.pageCount });
  let [first, last]: (Point | undefined)[] = [];
  const bytes = (pages: number) => pages * wss.pageSizeBytes;
  filter.on((look) => {
    const points = pointsOf(process, look);
    [first, last] = [points[0], points.at(-1)];
    chart.show({
      height: 200,
      xs: points.map(({ seconds }) => seconds),
      series: [
        { label: "median", values: points.map(({ median }) => bytes(median)) },
        { label: "most", values: points.map(({ most }) => bytes(most)) },
        { label: "least", values: points.map(({ least }) => bytes(least)) },
      ],
      xText: (seconds) => formatDuration(seconds * 1e9),
      yText: (value) => formatBytes(Math.round(value)),
      isLogarithmic: true,
    });
    note.dataset.points = String(points.length);
    note.dataset.median = String(points[0]?.median ?? "");
    const isOfAll = look.name !== undefined && !Object.hasOwn(process.wssNames, look.name);
    note.textContent = `In the whole trace ${formatBytes(bytes(wss.pageCount))} were written at ` +
      `least once.${isOfAll ? " The curve is of all mappings." : ""}`;
  });
  return section(
    "wss",
    "How large is its writable working set?",
    filter.headline(verdicts.wss, ({ name }) => {
      const of = name !== undefined && !Object.hasOwn(process.wssNames, name)
        ? " of all mappings"
        : "";
      return first === undefined
        ? `No window lies in this part${of}`
        : `In this part${of}: ${formatBytes(bytes(first.median))} in ` +
          `${formatDuration(first.seconds * 1e9)} (median), and at most ` +
          `${formatBytes(bytes(last!.most))} in ${formatDuration(last!.seconds * 1e9)}`;
    }),
    chart.view,
    note,
  );
}

function pointsOf(process: ShownProcess, { from, to, name }: Look): Point[] {
  const { wss, wssWindows, wssNames, series } = process;
  const named = name !== undefined && Object.hasOwn(wssNames, name) ? wssNames[name] : undefined;
  if (from === 0 && to === series.columns.length && named === undefined) {
    return wss.points.map(({ meanDurationNs, pages: { min, p50, max } }) => ({
      ...{ seconds: meanDurationNs / 1e9, least: min, median: p50, most: max },
    }));
  }
  const [startNs, endNs] = [series.columns[from].startNs, series.columns[to - 1].endNs];
  const points = wssWindows.flatMap((windows, level) => {
    const within = windows
      .map((one, i) => named === undefined ? one : { ...one, pages: named[level][i] })
      .filter((one) => one.startNs >= startNs && one.endNs <= endNs);
    if (within.length === 0) return [];
    const { min, p50, max } = distribution(within.map(({ pages }) => pages));
    const lengthNs = within.reduce((sum, one) => sum + one.endNs - one.startNs, 0) / within.length;
    return [{ seconds: lengthNs / 1e9, least: min, median: p50, most: max }];
  });
  return ascending(points);
}

/** A longer window contains shorter ones, also those that no window of its own length has. */
function ascending(points: readonly Point[]): Point[] {
  let before: Point | undefined;
  return points.map((point) =>
    before = {
      seconds: point.seconds,
      least: Math.max(point.least, before?.least ?? 0),
      median: Math.max(point.median, before?.median ?? 0),
      most: Math.max(point.most, before?.most ?? 0),
    }
  );
}
