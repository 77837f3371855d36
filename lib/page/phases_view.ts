/// <reference lib="dom" />
/**
 * The phases: a click on one looks at its time.
 *
 * @module
 */

import type { Phase } from "../analysis/phases.ts";
import type { ProcessReport } from "../report/html/report_data.ts";
import { formatBytes, formatDuration, formatRate } from "../report/units.ts";
import { section, shownName } from "./dom.ts";
import type { Narrowed } from "./narrowed.ts";
import { DataTable } from "./table.ts";

/** The section. */
export function phasesSection(
  { phases, verdicts }: ProcessReport,
  narrowed: Narrowed,
): HTMLElement {
  const table = new DataTable<Phase>(
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
        text: ({ workingSetPages }) => formatBytes(workingSetPages * phases.pageSizeBytes),
        value: ({ workingSetPages }) => workingSetPages,
      },
      {
        heading: "mostly in",
        text: ({ mappings }) => mappings.length === 0 ? "" : shownName(mappings[0].name),
        value: ({ mappings }) => mappings[0]?.name ?? "",
      },
    ],
    0,
    ({ startNs, endNs }) => narrowed.time(startNs, endNs),
  );
  table.show(phases.phases);
  return section("phases", "When does it change how it writes?", verdicts.phases, table.view);
}
