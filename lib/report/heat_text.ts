/**
 * A heat map for the terminal, and as CSV.
 *
 * @module
 */

import pc from "picocolors";
import type { HeatMap, HeatRow } from "../analysis/heat.ts";
import { formatAddress } from "../core/address.ts";
import type { Covered } from "../analysis/windows.ts";
import {
  COVERAGE_HEADINGS,
  coverageCells,
  coverageLines,
  coverageVerdict,
} from "./coverage_text.ts";
import { formatCsv } from "./csv.ts";
import { foldRows, heatCells, type HeatGroup } from "./heat_cells.ts";
import { heatColor } from "./heat_scale.ts";
import { lastPart, mappingName, processText } from "./snapshot_text.ts";
import { formatBytes, formatCount, formatDuration, formatShare } from "./units.ts";

/** How to draw. */
export interface HeatStyle {
  /** Of the terminal, in characters. */
  readonly width: number;
  /** Lines for the map itself. */
  readonly height: number;
  /** True where the terminal has 24-bit colour: then a line shows two rows. */
  readonly isColored: boolean;
}

const LABEL_WIDTH = 30;
/** From nothing to most. */
const PLAIN = " .:-=+*#%@";

/** The verdict, the map with its mappings named, the time axis, and what the shades mean. */
export function heatText(map: HeatMap & Covered, style: HeatStyle): string {
  const { rows, columns, pageSizeBytes } = map;
  const [first, last] = [columns[0], columns.at(-1)!];
  const lines: string[] = [
    pc.bold(heatVerdict(map)),
    ...coverageLines(map.coverage).map((line) => pc.yellow(line)),
  ];
  if (rows.length === 0) return lines.join("\n");
  const width = Math.max(10, style.width - LABEL_WIDTH - 2);
  const groups = foldRows(rows, style.height);
  const cells = heatCells(map, groups, width, style.isColored ? 2 : 1);
  lines.push("");
  for (const [g, group] of groups.entries()) {
    for (const [i, line] of cells.lines[g].entries()) {
      const address = formatAddress(cells.firstPages[g][i], pageSizeBytes);
      const label = i === 0 ? `${address} ${nameText(group, pageSizeBytes)}` : address;
      lines.push(`${style.isColored ? coloredLine(line) : plainLine(line[0])}  ${label}`.trimEnd());
    }
  }
  const [from, to] = [formatDuration(first.startNs), formatDuration(last.endNs)];
  const gap = Math.max(1, cells.width - from.length - to.length);
  lines.push(
    `${from}${" ".repeat(gap)}${to}`,
    "",
    `${legend(style.isColored)}  none to ${formatShare(cells.most, 1)} of the pages of a cell, ` +
      "in a window; each column is a window or more, and memory that is never written is folded away",
  );
  return lines.join("\n");
}

/** In how little of its memory half of the writes of a process are. */
export function heatVerdict(map: HeatMap & Covered): string {
  const unknown = coverageVerdict(map.coverage, "what it wrote to is unknown");
  const name = processText(map.process, map.coverage);
  return unknown === undefined ? `${name} ${verdict(map)}` : `${name}: ${unknown}`;
}

function verdict(map: HeatMap): string {
  const { rows, columns, windowCount, pageSizeBytes, pageCount } = map;
  const totals = rows.map(({ start, end, dirtyPages }) => ({
    pages: end - start,
    dirty: dirtyPages.reduce((sum, pages, i) => sum + pages * columns[i].windowCount, 0),
  })).sort((a, b) => b.dirty / b.pages - a.dirty / a.pages);
  const all = totals.reduce((sum, { dirty }) => sum + dirty, 0);
  const windows = `${formatCount(windowCount)} ${windowCount === 1 ? "window" : "windows"}`;
  if (all === 0) return `wrote to nothing in ${windows}`;
  let [dirty, pages] = [0, 0];
  for (const one of totals) {
    if (dirty >= all / 2) break;
    dirty += one.dirty;
    pages += one.pages;
  }
  // Of rows of several pages some may never have been dirty.
  const halfBytes = Math.min(pages, pageCount) * pageSizeBytes;
  return `has half of its dirty pages in ${formatBytes(halfBytes)} of the ` +
    `${formatBytes(pageCount * pageSizeBytes)} that it wrote to, in ${windows}`;
}

function nameText({ rows }: HeatGroup, pageSizeBytes: number): string {
  const names = new Set(rows.map(({ mapping }) => mapping));
  const [name] = names;
  if (names.size > 1) return `${formatCount(names.size)} mappings`;
  const size = formatBytes((rows.at(-1)!.end - rows[0].start) * pageSizeBytes);
  return name === undefined ? size : short(mappingName(name));
}

function short(name: string): string {
  const part = lastPart(name);
  return part.length > 16 ? `${part.slice(0, 15)}…` : part;
}

function plainLine(shares: Float64Array): string {
  return Array.from(shares, (share) => PLAIN[shadeOf(share, PLAIN.length)]).join("");
}

/** Nothing is 0; small values differ from it. */
function shadeOf(share: number, count: number): number {
  return share === 0 ? 0 : 1 + Math.min(count - 2, Math.floor(Math.sqrt(share) * (count - 1)));
}

function colorOf(share: number): string {
  return heatColor(Math.sqrt(share)).join(";");
}

/** Two rows in a line: the upper half block in the colour of the one, on the colour of the other. */
function coloredLine([upper, lower]: readonly Float64Array[]): string {
  let [text, before] = ["", ""];
  for (let i = 0; i < upper.length; i++) {
    const [a, b] = [upper[i], lower[i]];
    const on = b === 0 ? "49" : `48;2;${colorOf(b)}`;
    const [style, block] = a > 0
      ? [`38;2;${colorOf(a)};${on}`, "▀"]
      : b > 0
      ? [`38;2;${colorOf(b)};49`, "▄"]
      : ["0", " "];
    text += style === before ? block : `\x1b[${style}m${block}`;
    before = style;
  }
  return `${text}\x1b[0m`;
}

function legend(isColored: boolean): string {
  if (!isColored) return `[${PLAIN}]`;
  const blocks = Array.from({ length: 10 }, (_, i) => `\x1b[38;2;${colorOf((i / 9) ** 2)}m█`);
  return `${blocks.join("")}\x1b[0m`;
}

/** A row for each cell in which something was dirty. */
export function heatCsv(maps: readonly (HeatMap & Covered)[]): string {
  return formatCsv(
    [
      ...["pid", "command", "address", "pages", "mapping", "startNs", "endNs", "windows"],
      ...["meanDirtyPages", ...COVERAGE_HEADINGS],
    ],
    maps.flatMap(({ process: { pid, command }, pageSizeBytes, columns, rows, coverage }) =>
      rows.flatMap(({ start, end, mapping, dirtyPages }: HeatRow) =>
        columns.flatMap(({ startNs, endNs, windowCount }, i) =>
          dirtyPages[i] === 0 ? [] : [[
            ...[pid, command, formatAddress(start, pageSizeBytes), end - start],
            ...[mapping === "" ? "[anon]" : mapping ?? "", startNs, endNs, windowCount],
            ...[dirtyPages[i], ...coverageCells(coverage)],
          ]]
        )
      )
    ),
  );
}
