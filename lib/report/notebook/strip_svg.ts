/**
 * A snapshot as a strip: the memory that exists, laid end to end, and where in it pages are dirty.
 *
 * @module
 */

import { heatStrip } from "../../analysis/heat_strip.ts";
import { formatAddress } from "../../core/address.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { lastPart, mappingName, processText } from "../snapshot_text.ts";
import { formatBytes } from "../units.ts";
import { escaped } from "./markup.ts";
import { joined, shadedPaths, svg } from "./shaded_svg.ts";

const WIDTH = 800;
const HEIGHT = 28;
const TEXT = 14;
/** A name needs so much room. */
const NAMED = 60;
const CELLS = 400;

/** Draws it; mappings that have neither dirty nor populated pages are left out. */
export function stripSvg(snapshot: Snapshot): string {
  const { vmas, dirtyPopulated, populated, pageSizeBytes, process } = snapshot;
  const shown = vmas.filter(({ start, end }) =>
    dirtyPopulated.countIn(start, end) + populated.countIn(start, end) > 0
  );
  const all = shown.reduce((sum, { start, end }) => sum + end - start, 0);
  const shares = heatStrip(shown, dirtyPopulated, CELLS);
  let [before, borders] = [0, ""];
  for (const { start, end, name, perms } of shown) {
    const [x, width] = [before / all * WIDTH, (end - start) / all * WIDTH];
    const dirty = formatBytes(dirtyPopulated.countIn(start, end) * pageSizeBytes);
    const title = escaped(
      `${formatAddress(start, pageSizeBytes)} ${perms} ${mappingName(name)}: ${dirty} of ` +
        formatBytes((end - start) * pageSizeBytes),
    );
    before += end - start;
    // What is too narrow to be pointed at has no border.
    if (width < 0.5) continue;
    borders += `<g><title>${title}</title><rect x="${x.toFixed(2)}" width="${width.toFixed(2)}" ` +
      `height="${HEIGHT}" fill="currentColor" fill-opacity="0.06" stroke="currentColor" ` +
      `stroke-opacity="0.3" stroke-width="0.5"/></g>`;
    if (width >= NAMED) {
      const fits = Math.floor(width / 7);
      const text = escaped(lastPart(mappingName(name)).slice(0, fits));
      borders += `<text x="${x.toFixed(2)}" y="${HEIGHT + TEXT - 2}">${text}</text>`;
    }
  }
  const paths = shadedPaths(joined(shares, 0, 0, WIDTH / CELLS, HEIGHT));
  const label = escaped(`which memory ${processText(process)} wrote to`);
  return svg(WIDTH, HEIGHT + TEXT + 2, label, paths + borders);
}
