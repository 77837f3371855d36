/**
 * How heat maps are drawn on the terminal that there is.
 *
 * @module
 */

import type { HeatStyle } from "./heat_text.ts";

const WIDTH = 80;
const HEIGHT = 24;

/** As wide as the terminal, and in colour where it has 24 bits; https://no-color.org goes before. */
export function heatStyle(): HeatStyle {
  const { NO_COLOR, COLORTERM } = process.env;
  const { isTTY, columns: width = WIDTH } = process.stdout;
  const isColored = !NO_COLOR && isTTY && /^(truecolor|24bit)$/.test(COLORTERM ?? "");
  return { width, height: HEIGHT, isColored };
}
