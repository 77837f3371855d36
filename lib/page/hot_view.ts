/// <reference lib="dom" />
/**
 * The pages that are written most often. For a part of the time, the rows of the heat map are used.
 *
 * @module
 */

import { formatAddress } from "../core/address.ts";
import { formatBytes, formatShare } from "../report/units.ts";
import { section, shownName } from "./dom.ts";
import type { Look, ViewFilter } from "./view_filter.ts";
import { DataTable } from "./table.ts";
import type { ShownProcess } from "./unpacked.ts";

interface Row {
  readonly start: number;
  readonly sizeBytes: number;
  /** The share of windows in which it was dirty, on average over its pages. */
  readonly share: number;
  readonly name: string | null;
}

/** The section. */
export function hotSection(process: ShownProcess, filter: ViewFilter): HTMLElement {
  const { hot: { ranges, pageSizeBytes, snapshotCount }, verdicts } = process;
  const table = new DataTable<Row>([
    {
      heading: "address",
      text: ({ start }) => formatAddress(start, pageSizeBytes),
      value: ({ start }) => start,
    },
    {
      heading: "size",
      text: ({ sizeBytes }) => formatBytes(sizeBytes),
      value: ({ sizeBytes }) => sizeBytes,
    },
    {
      heading: "dirty in",
      text: ({ share }) => formatShare(share, 1),
      value: ({ share }) => share,
    },
    { heading: "mapping", text: ({ name }) => shownName(name), value: ({ name }) => name ?? "" },
  ], 2);
  let shown: readonly Row[] = [];
  filter.on((look) => {
    shown = look.isWhole
      ? ranges.map(({ start, end, mapping, dirtyCount }) => ({
        ...{ start, sizeBytes: (end - start) * pageSizeBytes, name: mapping ?? null },
        share: dirtyCount / snapshotCount,
      }))
      : rowsOf(process, look);
    table.show(shown);
  });
  const headline = filter.headline(verdicts.hot, () => {
    if (shown.length === 0) return "No page was written in this part";
    const hottest = shown.reduce((most, row) => row.share > most.share ? row : most);
    return `The hottest of this part: ${formatBytes(hottest.sizeBytes)} at ` +
      `${formatAddress(hottest.start, pageSizeBytes)} in ${shownName(hottest.name)}, dirty in ` +
      `${formatShare(hottest.share, 1)} of its windows`;
  });
  return section("hot", "Which pages are hot?", headline, table.view);
}

function rowsOf({ heat }: ShownProcess, { from, to, name }: Look): Row[] {
  const { columns, rows, names, counts, pageSizeBytes } = heat;
  const windows = columns.slice(from, to).reduce((all, { windowCount }) => all + windowCount, 0);
  return rows.flatMap(({ start, end, name: number }, i) => {
    if (name !== undefined && names[number] !== name) return [];
    let dirty = 0;
    for (let column = from; column < to; column++) dirty += counts[i * columns.length + column];
    const share = dirty / windows / (end - start);
    return dirty === 0
      ? []
      : [{ start, sizeBytes: (end - start) * pageSizeBytes, share, name: names[number] }];
  });
}
