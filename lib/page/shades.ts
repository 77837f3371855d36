/**
 * The scale of the heat map: grows lighter evenly, from violet over red and orange to pale yellow.
 *
 * @module
 */

const STOPS = [[48, 20, 92], [140, 30, 100], [214, 60, 60], [248, 140, 30], [252, 240, 150]];

/** Colours as pixels of a canvas, little-endian RGBA; the first is nothing, and transparent. */
export const SHADES: Uint32Array = Uint32Array.from({ length: 256 }, (_, i) => {
  if (i === 0) return 0;
  const position = (i - 1) / 254 * (STOPS.length - 1);
  const from = Math.min(STOPS.length - 2, Math.floor(position));
  const [r, g, b] = STOPS[from].map((value, channel) =>
    Math.round(value + (STOPS[from + 1][channel] - value) * (position - from))
  );
  return (255 << 24 | b << 16 | g << 8 | r) >>> 0;
});
