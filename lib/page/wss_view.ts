/// <reference lib="dom" />
/**
 * The curve of the writable working set.
 *
 * @module
 */

import type { ProcessReport } from "../report/html/report_data.ts";
import { formatBytes, formatDuration } from "../report/units.ts";
import { Chart } from "./chart.ts";
import { element, section } from "./dom.ts";
import type { Narrowed } from "./narrowed.ts";

/** The section. */
export function wssSection({ wss, verdicts }: ProcessReport, narrowed: Narrowed): HTMLElement {
  const chart = new Chart();
  const note = element("p", { class: "sum", "data-of": "wss", "data-value": wss.pageCount });
  const { pageSizeBytes } = wss;
  narrowed.on(({ isWhole }) => {
    const of = (pick: "p50" | "max" | "min") =>
      wss.points.map(({ pages }) => pages[pick] * pageSizeBytes);
    chart.show({
      height: 200,
      xs: wss.points.map(({ meanDurationNs }) => meanDurationNs / 1e9),
      series: [
        { label: "median", values: of("p50") },
        { label: "most", values: of("max") },
        { label: "least", values: of("min") },
      ],
      xText: (seconds) => formatDuration(seconds * 1e9),
      yText: (bytes) => formatBytes(Math.round(bytes)),
      isLogarithmic: true,
    });
    note.textContent =
      `In all ${formatBytes(wss.pageCount * pageSizeBytes)} were written at least ` +
      `once.${isWhole ? "" : " The curve is of the whole trace and all mappings."}`;
  });
  return section(
    "wss",
    "How large is its writable working set?",
    verdicts.wss,
    chart.view,
    note,
  );
}
