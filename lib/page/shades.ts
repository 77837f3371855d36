/**
 * The scale of the heat map as pixels of a canvas.
 *
 * @module
 */

import { heatColor } from "../report/heat_scale.ts";

/** Little-endian RGBA; the first is nothing, and transparent. */
export const SHADES: Uint32Array = Uint32Array.from({ length: 256 }, (_, i) => {
  if (i === 0) return 0;
  const [r, g, b] = heatColor((i - 1) / 254);
  return (255 << 24 | b << 16 | g << 8 | r) >>> 0;
});
