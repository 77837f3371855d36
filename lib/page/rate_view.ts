/// <reference lib="dom" />
/**
 * How fast memory is dirtied over time. A drag over the chart looks at that time.
 *
 * @module
 */

import { formatDuration, formatRate } from "../report/units.ts";
import { Chart } from "./chart.ts";
import { element, section } from "./dom.ts";
import type { Look, ViewFilter } from "./view_filter.ts";
import type { ShownProcess } from "./unpacked.ts";

/** The section. */
export function rateSection({ series, verdicts }: ShownProcess, filter: ViewFilter): HTMLElement {
  const chart = new Chart();
  let mean = "";
  const sum = element("p", { class: "sum", "data-of": "rate" });
  filter.on((look) => {
    const pages = pagesOf(series, look).slice(look.from, look.to);
    const durations = series.durationNs.slice(look.from, look.to);
    const columns = series.columns.slice(look.from, look.to);
    const bytes = (count: number) => count * series.pageSizeBytes;
    chart.show({
      height: 220,
      xs: columns.map(({ startNs, endNs }) => (startNs + endNs) / 2 / 1e9),
      series: [{
        label: "dirty rate",
        values: pages.map((count, i) => bytes(count) / durations[i] * 1e9),
      }],
      xText: (seconds) => formatDuration(seconds * 1e9),
      yText: (rate) => formatRate(rate, 1e9),
      onSelect: (from, to) => filter.time(from * 1e9, to * 1e9),
    });
    const total = pages.reduce((all, count) => all + count, 0);
    const durationNs = durations.reduce((all, ns) => all + ns, 0);
    const meanBytesPerSecond = bytes(total) / durationNs * 1e9;
    mean = `${formatRate(meanBytesPerSecond, 1e9)} over ${formatDuration(durationNs)}`;
    sum.textContent = `On average ${formatRate(meanBytesPerSecond, 1e9)} over ` +
      `${formatDuration(durationNs)}. Drag over the chart to look at a part of it.`;
    sum.dataset.value = String(meanBytesPerSecond);
  });
  return section(
    "rate",
    "How fast does it dirty memory?",
    filter.headline(verdicts.rate, () => `This part dirties ${mean}`),
    chart.view,
    sum,
  );
}

/** Dirty pages of each column, of the mapping that is looked at. */
export function pagesOf(series: ShownProcess["series"], { name }: Look): readonly number[] {
  if (name === undefined) return series.dirtyPages;
  const number = series.names.indexOf(name);
  return number < 0 ? series.columns.map(() => 0) : series.dirtyPagesByName[number];
}
