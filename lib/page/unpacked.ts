/**
 * The data of one process, unpacked.
 *
 * @module
 */

import type { HeatMap, HeatRow } from "../analysis/heat.ts";
import type { MomentLinks, ProcessLinks, StoppingPoint } from "../analysis/planners/links.ts";
import type { PackedHeat } from "../report/html/packed_heat.ts";
import type { PackedLinks } from "../report/html/packed_links.ts";
import type { ProcessReport } from "../report/html/report_data.ts";
import { unpackNumbers } from "./unpack_numbers.ts";

/** Rows of a heat map, and apart from them what they count. */
export interface ShownHeat extends Omit<PackedHeat, "rows" | "counts"> {
  readonly columns: HeatMap["columns"];
  /** `name` is a number in `names`. */
  readonly rows: readonly (Pick<HeatRow, "start" | "end"> & { readonly name: number })[];
  /** Dirty pages of all windows of a cell, row by row. */
  readonly counts: Float64Array;
}

/** What the views show. */
export interface ShownProcess extends Omit<ProcessReport, "heat" | "links"> {
  readonly heat: ShownHeat;
  readonly links: ProcessLinks;
}

/** Unpacks it. */
export async function unpacked(process: ProcessReport): Promise<ShownProcess> {
  const { columns } = process.series;
  return {
    ...process,
    heat: await unpackedHeat(process.heat, columns),
    links: await unpackedLinks(process.links),
  };
}

async function unpackedHeat(heat: PackedHeat, columns: HeatMap["columns"]): Promise<ShownHeat> {
  const places = await unpackNumbers(heat.rows);
  let end = 0;
  const rows = Array.from({ length: places.length / 3 }, (_, i) => {
    const [gap, length, name] = places.subarray(3 * i, 3 * i + 3);
    const start = end + gap;
    end = start + length;
    return { start, end, name };
  });
  return { ...heat, columns, rows, counts: await unpackNumbers(heat.counts) };
}

async function unpackedLinks(
  { process, bytesPerSecond, firstWindows, stops }: PackedLinks,
): Promise<ProcessLinks> {
  const numbers = (await unpackNumbers(stops)).values();
  const next = () => numbers.next().value!;
  const point = (): StoppingPoint => ({
    ...{ roundCount: next(), leftBytes: next(), sentBytes: next() },
  });
  const moments = firstWindows.map((firstWindow): MomentLinks => ({
    firstWindow,
    stops: bytesPerSecond.map(() => Array.from({ length: next() }, point)),
  }));
  return { process, bytesPerSecond, moments };
}
