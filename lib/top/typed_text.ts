/**
 * A line of text that is typed.
 *
 * @module
 */

import type { Key } from "./screen.ts";

/** What a key makes of the text; the text itself, if that key does not edit. */
export function typedText(text: string, { name, sequence = "" }: Key): string {
  if (name === "escape") return "";
  // Taken off by character: half of one is none.
  if (name === "backspace") return [...text].slice(0, -1).join("");
  return /^[^\p{Cc}]+$/u.test(sequence) ? text + sequence : text;
}
