/**
 * A heat map, fitted into the lines and characters of a terminal.
 *
 * @module
 */

import type { HeatMap, HeatRow } from "../analysis/heat.ts";
import type { PageNumber } from "../core/page_set.ts";

/** Rows of neighbouring mappings, mostly of one, that share some lines. */
export interface HeatGroup {
  readonly rows: readonly HeatRow[];
  readonly lineCount: number;
}

/**
 * Divides rows into as many lines at most: at least one for each mapping, and where there are more
 * mappings than lines, neighbours are put together, those first that were written to least.
 */
export function foldRows(rows: readonly HeatRow[], lineCount: number): HeatGroup[] {
  const groups: { rows: HeatRow[]; heat: number }[] = [];
  for (const row of rows) {
    const heat = row.dirtyPages.reduce((sum, pages) => sum + pages, 0);
    const last = groups.at(-1);
    if (last !== undefined && last.rows.at(-1)!.mapping === row.mapping) {
      last.rows.push(row);
      last.heat += heat;
    } else groups.push({ rows: [row], heat });
  }
  while (groups.length > Math.max(1, lineCount)) {
    let least = 0;
    for (let i = 1; i + 1 < groups.length; i++) {
      if (groups[i].heat + groups[i + 1].heat < groups[least].heat + groups[least + 1].heat) {
        least = i;
      }
    }
    const [merged] = groups.splice(least + 1, 1);
    groups[least].rows.push(...merged.rows);
    groups[least].heat += merged.heat;
  }
  // One each, and the others where there are most rows for a line.
  const lines = groups.map(() => 1);
  for (let left = lineCount - groups.length; left > 0; left--) {
    let most = 0;
    for (let i = 1; i < groups.length; i++) {
      if (groups[i].rows.length / lines[i] > groups[most].rows.length / lines[most]) most = i;
    }
    if (groups[most].rows.length <= lines[most]) break;
    lines[most]++;
  }
  return groups.map(({ rows }, i) => ({ rows, lineCount: lines[i] }));
}

/** What is drawn. */
export interface HeatCells {
  /** Characters. */
  readonly width: number;
  /** The share of dirty pages that 1 stands for. */
  readonly most: number;
  /** For each group its lines, and for each line its rows: a value from 0 to 1 for each character. */
  readonly lines: readonly (readonly (readonly Float64Array[])[])[];
  /** For each group, the first page of each line. */
  readonly firstPages: readonly (readonly PageNumber[])[];
}

/**
 * Averages a map to cells.
 *
 * @param width characters at most; where there are fewer columns, each takes as many as fit
 * @param rowsPerLine how many rows a line shows
 */
export function heatCells(
  { columns }: HeatMap,
  groups: readonly HeatGroup[],
  width: number,
  rowsPerLine: number,
): HeatCells {
  const count = columns.length;
  const used = count <= width ? count * Math.floor(width / count) : width;
  let most = 0;
  const lines = groups.map(({ rows, lineCount }) =>
    Array.from(
      { length: lineCount },
      (_, line) =>
        Array.from({ length: rowsPerLine }, (_, part) => {
          const [row, rowCount] = [line * rowsPerLine + part, lineCount * rowsPerLine];
          const shown = between(rows, row, rowCount);
          const pages = shown.reduce((sum, { start, end }) => sum + end - start, 0);
          return Float64Array.from({ length: used }, (_, character) => {
            const [from, to] = range(count, character, used);
            let [dirty, windows] = [0, 0];
            for (let i = from; i < to; i++) {
              const { windowCount } = columns[i];
              windows += windowCount;
              for (const { dirtyPages } of shown) dirty += dirtyPages[i] * windowCount;
            }
            const share = dirty / windows / pages;
            most = Math.max(most, share);
            return share;
          });
        }),
    )
  );
  for (const shares of lines.flat(2)) {
    for (let i = 0; i < shares.length; i++) shares[i] /= most || 1;
  }
  const firstPages = groups.map(({ rows, lineCount }) =>
    Array.from({ length: lineCount }, (_, line) => between(rows, line, lineCount)[0].start)
  );
  return { width: used, most, lines, firstPages };
}

/** The part `index` of `count`, at least one: where there are fewer, some come twice. */
function between<T>(all: readonly T[], index: number, count: number): readonly T[] {
  return all.slice(...range(all.length, index, count));
}

function range(length: number, index: number, count: number): [from: number, to: number] {
  const from = Math.floor(index * length / count);
  return [from, Math.max(from + 1, Math.floor((index + 1) * length / count))];
}
