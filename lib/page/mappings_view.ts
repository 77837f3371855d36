/// <reference lib="dom" />
/**
 * The mappings, by name: a click on one looks at it alone.
 *
 * @module
 */

import { formatBytes, formatRate, formatShare } from "../report/units.ts";
import { element, section, shownName } from "./dom.ts";
import type { ViewFilter } from "./view_filter.ts";
import { DataTable } from "./table.ts";
import type { ShownProcess } from "./unpacked.ts";

/** Mappings of one name. */
interface NamedMappings {
  readonly name: string;
  readonly count: number;
  readonly sizeBytes: number;
  readonly presentBytes: number;
  readonly newBytes: number;
  readonly renewedBytes: number;
}

interface Row extends NamedMappings {
  readonly bytesPerSecond: number;
  readonly share: number;
}

/** The section. */
export function mappingsSection(process: ShownProcess, filter: ViewFilter): HTMLElement {
  const { series, verdicts } = process;
  const named = byName(process);
  const table = new DataTable<Row>(
    [
      { heading: "mapping", text: ({ name }) => shownName(name), value: ({ name }) => name },
      bytes("size", ({ sizeBytes }) => sizeBytes),
      bytes("present", ({ presentBytes }) => presentBytes),
      {
        heading: "rate",
        text: ({ bytesPerSecond }) => formatRate(bytesPerSecond, 1e9),
        value: ({ bytesPerSecond }) => bytesPerSecond,
      },
      {
        heading: "of all",
        text: ({ share }) => formatShare(share, 1),
        value: ({ share }) => share,
      },
      bytes("new", ({ newBytes }) => newBytes),
      bytes("renewed", ({ renewedBytes }) => renewedBytes),
      { heading: "mappings", text: ({ count }) => String(count), value: ({ count }) => count },
    ],
    3,
    ({ name }) => filter.mapping(name),
  );
  const note = element(
    "p",
    { class: "sum" },
    "Rates are of this time; the other columns of the whole trace.",
  );
  let shown: readonly Row[] = [];
  filter.on(({ from, to, name, isAllTime }) => {
    note.hidden = isAllTime;
    const sum = (values: readonly number[]) =>
      values.slice(from, to).reduce((all, value) => all + value, 0);
    const [total, durationNs] = [sum(series.dirtyPages), sum(series.durationNs)];
    shown = named.filter((one) => name === undefined || one.name === name).map((one) => {
      const number = series.names.indexOf(one.name);
      const pages = number < 0 ? 0 : sum(series.dirtyPagesByName[number]);
      return {
        ...one,
        bytesPerSecond: pages * series.pageSizeBytes / durationNs * 1e9,
        share: total === 0 ? 0 : pages / total,
      };
    });
    table.show(shown);
  });
  const headline = filter.headline(verdicts.mappings, () => {
    const written = shown.filter(({ bytesPerSecond }) => bytesPerSecond > 0);
    if (written.length === 0) return "Nothing was written in this part";
    const most = written.reduce((a, b) => b.bytesPerSecond > a.bytesPerSecond ? b : a);
    return `In this part mostly to ${shownName(most.name)}: ` +
      `${formatRate(most.bytesPerSecond, 1e9)}, ${formatShare(most.share, 1)} of all`;
  });
  return section(
    "mappings",
    "Which mappings does it write to?",
    headline,
    table.view,
    note,
  );
}

function bytes(heading: string, value: (row: Row) => number) {
  return { heading, value, text: (row: Row) => value(row) === 0 ? "" : formatBytes(value(row)) };
}

function byName({ mappings: { mappings, pageSizeBytes } }: ShownProcess): NamedMappings[] {
  const named = new Map<string, NamedMappings>();
  for (const { name, start, end, presentPages, newPages, renewedPages } of mappings) {
    const known = named.get(name);
    named.set(name, {
      name,
      count: (known?.count ?? 0) + 1,
      sizeBytes: (known?.sizeBytes ?? 0) + (end - start) * pageSizeBytes,
      presentBytes: (known?.presentBytes ?? 0) + (presentPages ?? 0) * pageSizeBytes,
      newBytes: (known?.newBytes ?? 0) + newPages * pageSizeBytes,
      renewedBytes: (known?.renewedBytes ?? 0) + renewedPages * pageSizeBytes,
    });
  }
  return [...named.values()];
}
