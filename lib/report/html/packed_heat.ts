/**
 * A heat map as a report holds it.
 *
 * @module
 */

import type { HeatMap } from "../../analysis/heat.ts";
import { packNumbers } from "./packed_numbers.ts";

/** The columns are those of the report's series. */
export interface PackedHeat extends Omit<HeatMap, "columns" | "rows"> {
  /** Names of mappings; null for what is no longer known. */
  readonly names: readonly (string | null)[];
  /** Of each row the pages between it and the one before, its own, and the number of its name. */
  readonly rows: string;
  /** Dirty pages of all windows of a cell, row by row. */
  readonly counts: string;
}

/**
 * Packs maps with as many rows as there is room for: each time that there is not, half as many.
 *
 * @param mapsOf makes them with so many rows at most
 * @param mostBytes for the counts of all of them
 */
export function packHeats(
  mapsOf: (rows: number) => readonly HeatMap[],
  mostRows: number,
  mostBytes: number,
): PackedHeat[] {
  for (let rows = mostRows;; rows = Math.ceil(rows / 2)) {
    const packed = mapsOf(rows).map(packHeat);
    const lengthBytes = packed.reduce((sum, { counts }) => sum + counts.length, 0);
    if (lengthBytes <= mostBytes || rows === 1) return packed;
  }
}

/** Packs one; see `packed_numbers.ts`. */
function packHeat({ columns, rows, ...map }: HeatMap): PackedHeat {
  const names = [...new Set(rows.map(({ mapping }) => mapping ?? null))];
  const numbers = new Map(names.map((name, number) => [name, number]));
  const counts = new Float64Array(rows.length * columns.length);
  for (const [row, { dirtyPages }] of rows.entries()) {
    for (const [i, { windowCount }] of columns.entries()) {
      counts[row * columns.length + i] = Math.round(dirtyPages[i] * windowCount);
    }
  }
  const places = rows.flatMap(({ start, end, mapping }, i) => [
    start - (rows[i - 1]?.end ?? 0),
    end - start,
    numbers.get(mapping ?? null)!,
  ]);
  return { ...map, names, rows: packNumbers(places), counts: packNumbers(counts) };
}
