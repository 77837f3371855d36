/**
 * Shares as coloured rectangles of an SVG picture.
 *
 * @module
 */

import { heatColor } from "../heat_scale.ts";

/** Colours of shares, from little to much, on light and on dark paper. */
const SHADES = Array.from(
  { length: 9 },
  (_, i) => `#${heatColor(i / 8).map((value) => value.toString(16).padStart(2, "0")).join("")}`,
);

/** Where a rectangle is, in units of the picture. */
export interface Cell {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** From 0, which is not drawn, to 1. */
  readonly share: number;
}

/** One path for each colour: a picture of many cells stays small. */
export function shadedPaths(cells: Iterable<Cell>): string {
  const paths = SHADES.map(() => "");
  for (const { x, y, width, height, share } of cells) {
    if (share === 0) continue;
    const shade = Math.min(SHADES.length - 1, Math.floor(Math.sqrt(share) * SHADES.length));
    paths[shade] += `M${short(x)} ${short(y)}h${short(width)}v${short(height)}h-${short(width)}z`;
  }
  return paths.map((d, i) => d === "" ? "" : `<path fill="${SHADES[i]}" d="${d}"/>`).join("");
}

/** Neighbours of the same share in a line, as one cell. */
export function* joined(
  shares: ArrayLike<number>,
  x: number,
  y: number,
  width: number,
  height: number,
): Generator<Cell, void, void> {
  for (let from = 0, to = 1; from < shares.length; from = to++) {
    while (to < shares.length && shares[to] === shares[from]) to++;
    yield { x: x + from * width, y, width: (to - from) * width, height, share: shares[from] };
  }
}

/** The picture; text takes the colour of the page. */
export function svg(width: number, height: number, label: string, content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
    `width="${width}" height="${height}" role="img" aria-label="${label}" ` +
    `font-family="ui-monospace,monospace" font-size="11" fill="currentColor" ` +
    `shape-rendering="crispEdges">${content}</svg>`;
}

/** Two digits at most behind the point. */
function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}
