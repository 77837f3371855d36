/// <reference lib="dom" />
/**
 * The phases that lie in the time that is looked at: a click on one looks at its time.
 *
 * @module
 */

import type { Phase } from "../analysis/phases.ts";
import { formatBytes, formatDuration, formatRate } from "../report/units.ts";
import { section, shownName } from "./dom.ts";
import type { Look, ViewFilter } from "./view_filter.ts";
import { pagesOf } from "./rate_view.ts";
import { DataTable } from "./table.ts";
import type { ShownProcess } from "./unpacked.ts";

/** A phase, and what it is of one mapping or of all. */
interface Row extends Omit<Phase, "workingSetPages"> {
  /** Null of a mapping, of which it is not known. */
  readonly workingSetPages: number | null;
}

/** The section. */
export function phasesSection(process: ShownProcess, filter: ViewFilter): HTMLElement {
  const { phases: { pageSizeBytes }, verdicts } = process;
  const table = new DataTable<Row>(
    [
      {
        heading: "from",
        text: ({ startNs }) => formatDuration(startNs),
        value: ({ startNs }) => -startNs,
      },
      {
        heading: "lasts",
        text: ({ startNs, endNs }) => formatDuration(endNs - startNs),
        value: ({ startNs, endNs }) => endNs - startNs,
      },
      {
        heading: "rate",
        text: ({ meanBytesPerSecond }) => formatRate(meanBytesPerSecond, 1e9),
        value: ({ meanBytesPerSecond }) => meanBytesPerSecond,
      },
      {
        heading: "working set",
        text: ({ workingSetPages: pages }) =>
          pages === null ? "" : formatBytes(pages * pageSizeBytes),
        value: ({ workingSetPages }) => workingSetPages ?? -1,
      },
      {
        heading: "mostly in",
        text: ({ mappings }) => mappings.length === 0 ? "" : shownName(mappings[0].name),
        value: ({ mappings }) => mappings[0]?.name ?? "",
      },
    ],
    0,
    ({ startNs, endNs }) => filter.time(startNs, endNs),
  );
  let count = 0;
  filter.on((look) => {
    const rows = phasesIn(process, look);
    count = rows.length;
    table.show(rows);
  });
  const headline = filter.headline(
    verdicts.phases,
    () => `${count} ${count === 1 ? "phase lies" : "phases lie"} in this part, or partly so`,
  );
  return section("phases", "When does it change how it writes?", headline, table.view);
}

/**
 * Those that lie in the time that is looked at, at least in part; of a mapping those in which it was
 * written to, with its rate. A column that a phase cuts counts for the part of it that lies within.
 */
export function phasesIn(
  { phases, series }: Pick<ShownProcess, "phases" | "series">,
  look: Look,
): Row[] {
  const [first, last] = [series.columns[look.from], series.columns[look.to - 1]];
  const within = phases.phases.filter(({ startNs, endNs }) =>
    endNs > first.startNs && startNs < last.endNs
  );
  if (look.name === undefined) return within;
  const pages = pagesOf(series, look);
  return within.flatMap((phase) => {
    let [dirtyPages, durationNs] = [0, 0];
    for (const [i, column] of series.columns.entries()) {
      const part = partWithin(column, phase);
      dirtyPages += pages[i] * part;
      durationNs += series.durationNs[i] * part;
    }
    const meanBytesPerSecond = dirtyPages * series.pageSizeBytes / durationNs * 1e9;
    return dirtyPages === 0 ? [] : [{ ...phase, meanBytesPerSecond, workingSetPages: null }];
  });
}

type Span = Pick<Phase, "startNs" | "endNs">;

/** How much of one lies in the other. */
function partWithin(one: Span, { startNs, endNs }: Span): number {
  const withinNs = Math.min(one.endNs, endNs) - Math.max(one.startNs, startNs);
  return Math.max(0, withinNs) / (one.endNs - one.startNs);
}
