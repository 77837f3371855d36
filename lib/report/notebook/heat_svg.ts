/**
 * A heat map as a picture: time to the right, addresses downwards.
 *
 * @module
 */

import type { HeatMap } from "../../analysis/heat.ts";
import { formatAddress } from "../../core/address.ts";
import { foldRows, heatCells } from "../heat_cells.ts";
import { mappingName, processText } from "../snapshot_text.ts";
import { formatDuration } from "../units.ts";
import { escaped } from "./markup.ts";
import { joined, shadedPaths, svg } from "./shaded_svg.ts";

const WIDTH = 600;
const LABELS = 260;
const LINES = 48;
const LINE = 6;
/** Lines of text are higher than those of the map. */
const TEXT = 12;

/** Draws it, with the mappings named beside. */
export function heatSvg(map: HeatMap): string {
  const { columns, pageSizeBytes, process } = map;
  const groups = foldRows(map.rows, LINES);
  const { lines, width, firstPages } = heatCells(map, groups, Math.floor(WIDTH / 3), 1);
  const cellWidth = WIDTH / width;
  let [y, nextLabel] = [0, 0];
  const cells = [];
  let labels = "";
  for (const [g, { rows }] of groups.entries()) {
    const labelY = Math.max(y, nextLabel);
    for (const [shares] of lines[g]) {
      cells.push(...joined(shares, 0, y, cellWidth, LINE));
      y += LINE;
    }
    // As long as the label is beside some of its lines.
    if (labelY + LINE > y) continue;
    const names = [...new Set(rows.map(({ mapping }) => mapping))];
    const label = names.length > 1 ? `${names.length} mappings` : mappingName(names[0] ?? "");
    const text = escaped(`${formatAddress(firstPages[g][0], pageSizeBytes)} ${label}`);
    labels += `<text x="${WIDTH + 6}" y="${labelY + TEXT - 3}">${text}</text>`;
    nextLabel = labelY + TEXT;
  }
  const height = Math.max(y, nextLabel);
  const [from, to] = [columns[0].startNs, columns.at(-1)!.endNs].map((ns) =>
    escaped(formatDuration(ns))
  );
  const axis = `<text x="0" y="${height + TEXT}">${from}</text>` +
    `<text x="${WIDTH}" y="${height + TEXT}" text-anchor="end">${to}</text>`;
  const frame = `<rect width="${WIDTH}" height="${height}" fill="currentColor" opacity="0.06"/>`;
  const label = escaped(`when ${processText(process)} wrote to which memory`);
  return svg(WIDTH + LABELS, height + TEXT + 4, label, frame + shadedPaths(cells) + labels + axis);
}
