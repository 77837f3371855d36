/**
 * Draws page sets: `"..##.#"` holds pages 2, 3 and 5.
 *
 * @module
 */

import { type PageRange, PageSet } from "../../lib/core/page_set.ts";

/** The set that a drawing shows; `first` is the page of its first character. */
export function pages(drawing: string, first = 0): PageSet {
  const ranges: PageRange[] = [];
  for (let i = 0; i < drawing.length; i++) {
    if (drawing[i] === "#") ranges.push({ start: first + i, end: first + i + 1 });
  }
  return PageSet.from(ranges);
}

/** The drawing of a set. */
export function draw(set: PageSet, length: number, first = 0): string {
  return Array.from({ length }, (_, i) => set.has(first + i) ? "#" : ".").join("");
}
