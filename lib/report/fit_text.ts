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
