/**
 * Draws chains of dumps of one process, each delta-encoded against the one before.
 *
 * @module
 */

import { join } from "node:path";
import { PageSet } from "../../lib/core/page_set.ts";
import { MAPPING_STATUS as IS } from "../../lib/import/criu/mm_image.ts";
import { type DrawnDump, type DrawnMapping, writeDump } from "./criu_images.ts";
import { pages } from "./drawn_pages.ts";

/** Eight pages, in which all is drawn. */
export const ALL = pages("########", 0x10);
export const NONE = PageSet.empty;

/** Status of private anonymous memory. */
export const PRIVATE = IS.regular | IS.anonymousPrivate;
export const MAPPED: DrawnMapping = { start: 0x10, end: 0x18, status: PRIVATE };

/** What is written in each of three dumps. */
export const DRAWN = ["########", "#...#...", ".#......"];

/**
 * Writes a chain in which the process 42 writes these pages; the last dump has mappings.
 *
 * @returns the folders of the dumps, oldest first
 */
export function drawnChain(
  folder: string,
  drawings: readonly string[],
  last: Partial<DrawnDump> = {},
): string[] {
  return drawings.map((drawing, i) => {
    const written = pages(drawing, 0x10);
    const isLast = i === drawings.length - 1;
    const mapped = isLast ? { mappings: [MAPPED], command: "drawn" } : {};
    return writeDump(join(folder, `dump-${i}`), {
      processes: { 42: { written, inParent: ALL.subtract(written), ...mapped } },
      uptimeUs: 5e6 + i * 1e6,
      frozenUs: 2000,
      ...(isLast ? last : { mode: 1 }),
      ...(i > 0 ? { parent: `../dump-${i - 1}` } : {}),
    });
  });
}
