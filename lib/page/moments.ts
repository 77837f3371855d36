/**
 * The moments at which the forecasts of a report begin: of a part of the time, one that lies in it.
 *
 * @module
 */

import type { MomentLinks } from "../analysis/planners/links.ts";
import { firstWindowsOf, type TimeColumn } from "../analysis/time_columns.ts";
import type { Look } from "./view_filter.ts";

/**
 * The first of the moments in what is looked at; if there is none, the last before. With each of them a
 * column begins.
 */
export function momentIn(
  moments: readonly MomentLinks[],
  columns: readonly TimeColumn[],
  { from, to }: Pick<Look, "from" | "to">,
): { readonly moment: MomentLinks; readonly atNs: number } {
  const firsts = firstWindowsOf(columns);
  const end = firsts[to] ?? Infinity;
  const moment =
    moments.find(({ firstWindow }) => firstWindow >= firsts[from] && firstWindow < end) ??
      moments.findLast(({ firstWindow }) => firstWindow <= firsts[from])!;
  return { moment, atNs: columns[firsts.indexOf(moment.firstWindow)].startNs };
}
