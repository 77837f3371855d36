/// <reference lib="dom" />
/**
 * The scale of the heat map as pixels of a canvas.
 *
 * @module
 */

import { heatColor } from "../report/heat_scale.ts";
import { element } from "./dom.ts";

/** Little-endian RGBA; the first is nothing, and transparent. */
export const SHADES: Uint32Array = Uint32Array.from({ length: 256 }, (_, i) => {
  if (i === 0) return 0;
  const [r, g, b] = heatColor((i - 1) / 254);
  return (255 << 24 | b << 16 | g << 8 | r) >>> 0;
});

/** What they mean, for a legend: from the darkest to the lightest. */
export function shadesInOrder(): HTMLElement {
  const size = { width: SHADES.length - 1, height: 1 };
  const attributes = { class: "scale", role: "img", "aria-label": "from dark to light" };
  const canvas = element("canvas", { ...size, ...attributes });
  const image = new ImageData(size.width, size.height);
  new Uint32Array(image.data.buffer).set(SHADES.subarray(1));
  canvas.getContext("2d")!.putImageData(image, 0, 0);
  return canvas;
}
