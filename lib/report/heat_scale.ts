/**
 * The colours of heat: a scale that grows lighter evenly, from violet over red and orange to pale yellow.
 *
 * @module
 */

const STOPS = [[48, 20, 92], [140, 30, 100], [214, 60, 60], [248, 140, 30], [252, 240, 150]];

/** Red, green and blue, from 0 to 255, at a place from 0 to 1. */
export function heatColor(at: number): number[] {
  const position = Math.max(0, Math.min(1, at)) * (STOPS.length - 1);
  const from = Math.min(STOPS.length - 2, Math.floor(position));
  return STOPS[from].map((value, i) =>
    Math.round(value + (STOPS[from + 1][i] - value) * (position - from))
  );
}
