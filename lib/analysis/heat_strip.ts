/**
 * Where in some mappings pages lie, in a few cells.
 *
 * @module
 */

import type { PageNumber, PageSet } from "../core/page_set.ts";

/**
 * The share of pages of a set in each cell, from 0 to 1. The ranges are laid end to end, ascending, and
 * divided evenly into cells; where there are fewer pages, each takes several.
 */
export function heatStrip(
  ranges: readonly { readonly start: PageNumber; readonly end: PageNumber }[],
  pages: PageSet,
  cellCount: number,
): number[] {
  const all = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  if (all < cellCount) {
    const single = all === 0 ? [] : heatStrip(ranges, pages, all);
    return Array.from(
      { length: all === 0 ? 0 : cellCount },
      (_, cell) => single[Math.floor(cell * all / cellCount)],
    );
  }
  const cells = new Array<number>(cellCount).fill(0);
  const border = (cell: number) => Math.round(cell * all / cellCount);
  let [cell, before] = [0, 0];
  for (const { start, end } of ranges) {
    for (const size = end - start;;) {
      const from = Math.max(start, start + border(cell) - before);
      const to = Math.min(end, start + border(cell + 1) - before);
      if (from < to) cells[cell] += pages.countIn(from, to);
      if (border(cell + 1) > before + size) break;
      if (++cell === cellCount) break;
    }
    before += end - start;
  }
  return cells.map((count, cell) => count / (border(cell + 1) - border(cell)));
}
