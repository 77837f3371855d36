import { expect, test } from "vitest";
import { HeatLevels } from "../../lib/page/heat_levels.ts";
import type { ShownHeat } from "../../lib/page/unpacked.ts";

/** A map of so many rows of one page and so many columns of one window. */
function heat(rows: number, columns: number, ...counts: number[]): ShownHeat {
  return {
    counts: Float64Array.from(counts),
    columns: Array.from({ length: columns }, () => ({ startNs: 0, endNs: 1, windowCount: 1 })),
    rows: Array.from({ length: rows }, (_, i) => ({ start: i, end: i + 1, name: 0 })),
  } as unknown as ShownHeat;
}

const shades = Uint32Array.from({ length: 256 }, (_, i) => i);

test("each cell is painted where it is, by how much of it was dirty", () => {
  const levels = new HeatLevels(heat(2, 2, 0, 1, 0.25, 0), [0, 1]);
  const pixels = new Uint32Array(16);
  levels.paint(pixels, 4, 4, { x: 0, y: 0, width: 2, height: 2 }, shades);
  expect([...pixels]).toEqual([0, 0, 255, 255, 0, 0, 255, 255, 128, 128, 0, 0, 128, 128, 0, 0]);
});

test("a part of the map fills the picture", () => {
  const levels = new HeatLevels(heat(2, 2, 0, 1, 0.25, 0), [0, 1]);
  const pixels = new Uint32Array(4);
  levels.paint(pixels, 2, 2, { x: 1, y: 0, width: 1, height: 1 }, shades);
  expect([...pixels]).toEqual([255, 255, 255, 255]);
});

test("of many rows in a pixel the mean is shown, so that a single one is still seen", () => {
  const rows = 4096;
  const counts = Array(rows).fill(0).with(1000, 1);
  const levels = new HeatLevels(
    heat(rows, 1, ...counts),
    Array.from({ length: rows }, (_, i) => i),
  );
  const pixels = new Uint32Array(64);
  levels.paint(pixels, 1, 64, { x: 0, y: 0, width: 1, height: rows }, shades);
  const lit = [...pixels].flatMap((shade, i) => shade > 0 ? [[i, shade]] : []);
  expect(lit).toEqual([[15, 1 + Math.round(254 * Math.sqrt(1 / 64))]]);
});

test("only the rows that are wanted are in it", () => {
  const levels = new HeatLevels(heat(3, 1, 1, 0, 1), [1]);
  const pixels = new Uint32Array(1);
  levels.paint(pixels, 1, 1, { x: 0, y: 0, width: 1, height: 1 }, shades);
  expect(pixels[0]).toBe(0);
});
