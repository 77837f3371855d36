/**
 * Text that takes exactly so much room in a terminal.
 *
 * @module
 */

import stringWidth from "string-width";
import { plainText } from "../core/plain_text.ts";

/**
 * Made safe to print, cut or filled up to a width in characters of the terminal; some take two.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(fitText("heap", 6), "heap  ");
 * assert.equal(fitText("heap", 6, "right"), "  heap");
 * assert.equal(fitText("漢字漢字", 6), "漢字… ");
 * ```
 */
export function fitText(text: string, width: number, align: "left" | "right" = "left"): string {
  let safe = plainText(text);
  if (stringWidth(safe) > width) {
    let kept = "";
    for (const character of safe) {
      if (stringWidth(`${kept}${character}…`) > width) break;
      kept += character;
    }
    safe = width > 0 ? `${kept}…` : "";
  }
  const gap = " ".repeat(Math.max(0, width - stringWidth(safe)));
  return align === "left" ? safe + gap : gap + safe;
}

/**
 * The same text in lines of at most that width, broken at spaces where that can be.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(wrapText("a stack, a heap", 8), ["a stack,", "a heap"]);
 * ```
 */
export function wrapText(text: string, width: number): string[] {
  const lines = [""];
  const add = (part: string) => lines[lines.length - 1] += part;
  for (const word of plainText(text).split(" ")) {
    const line = lines[lines.length - 1];
    const spaced = line === "" ? word : ` ${word}`;
    if (stringWidth(line) + stringWidth(spaced) <= width) {
      add(spaced);
      continue;
    }
    if (line !== "") lines.push("");
    for (const character of word) {
      const isFull = stringWidth(lines[lines.length - 1]) + stringWidth(character) > width;
      if (isFull && lines[lines.length - 1] !== "") lines.push("");
      add(character);
    }
  }
  return lines;
}
