/**
 * A heat map at several heights, each half of the one before, so that a frame of any size is painted
 * from about as many rows as it has pixels. There are no more columns than a screen has.
 *
 * @module
 */

import type { Frame } from "./heat_frame.ts";
import type { ShownHeat } from "./unpacked.ts";

/** Cells of one size. */
interface Level {
  readonly columns: number;
  readonly rows: number;
  /** How much of each cell was dirty, from 0 to 1. */
  readonly shares: Float32Array;
}

/** The sizes of one map, of some of its rows. */
export class HeatLevels {
  readonly #levels: Level[] = [];

  constructor({ columns, rows, counts }: ShownHeat, wanted: readonly number[]) {
    const width = columns.length;
    const shares = new Float32Array(width * wanted.length);
    // Millions of cells: nothing is looked up in an object for each.
    const windows = Float64Array.from(columns, ({ windowCount }) => windowCount);
    for (let i = 0; i < wanted.length; i++) {
      const { start, end } = rows[wanted[i]];
      const [from, to, pages] = [wanted[i] * width, i * width, end - start];
      for (let column = 0; column < width; column++) {
        const dirty = counts[from + column];
        if (dirty > 0) shares[to + column] = dirty / windows[column] / pages;
      }
    }
    let level: Level = { columns: columns.length, rows: wanted.length, shares };
    this.#levels.push(level);
    while (level.rows > 64) this.#levels.push(level = halved(level));
  }

  /** Paints the frame; `shades` has a colour for each of 256 values, the first for nothing. */
  paint(
    pixels: Uint32Array,
    width: number,
    height: number,
    frame: Frame,
    shades: Uint32Array,
  ): void {
    const wanted = Math.round(Math.log2(frame.height / height));
    const number = Math.max(0, Math.min(this.#levels.length - 1, wanted));
    const { columns, rows, shares } = this.#levels[number];
    const down = 1 / 2 ** number;
    const xs = Int32Array.from(
      { length: width },
      (_, x) => Math.min(columns - 1, Math.floor(frame.x + (x + 0.5) / width * frame.width)),
    );
    for (let y = 0; y < height; y++) {
      const row = Math.min(
        rows - 1,
        Math.floor((frame.y + (y + 0.5) / height * frame.height) * down),
      ) * columns;
      if (row < 0) continue;
      for (let x = 0; x < width; x++) {
        const share = shares[row + xs[x]];
        if (share > 0) {
          pixels[y * width + x] = shades[1 + Math.round(254 * Math.sqrt(Math.min(1, share)))];
        }
      }
    }
  }
}

/** The means of each two rows; the last may be alone. */
function halved({ columns, rows, shares }: Level): Level {
  const half = new Float32Array(columns * Math.ceil(rows / 2));
  for (let y = 0; y < rows; y++) {
    const part = (y | 1) < rows ? 0.5 : 1;
    for (let x = 0; x < columns; x++) {
      half[(y >> 1) * columns + x] += shares[y * columns + x] * part;
    }
  }
  return { columns, rows: Math.ceil(rows / 2), shares: half };
}
