/**
 * Text from outside (names of processes and mappings, remarks) made safe to print.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { plainText } from "./plain_text.ts";
 *
 * assert.equal(plainText("/tmp/\x1b[31mred\nname"), "/tmp/\\x1b[31mred\\x0aname");
 * ```
 *
 * @module
 */

/**
 * The one table of what is never shown as it is, in a terminal, a page, a notebook or a file: controls,
 * direction-changing marks, line separators, lone surrogates, and what shows nothing (characters of no
 * width, fillers, variation selectors, the empty Braille pattern).
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * Writes each character that could steer a terminal, or hide text from the reader, as an escape.
 *
 * @param maxLength what is longer is cut in the middle; of a path its last part is kept, if it fits
 */
export function plainText(text: string, maxLength = Infinity): string {
  const safe = text.replace(UNSAFE, escape);
  if (safe.length <= maxLength) return safe;
  const lastPart = safe.length - safe.lastIndexOf("/");
  const wanted = Math.floor((maxLength - 1) / 3);
  const head = lastPart < maxLength ? Math.min(wanted, maxLength - 1 - lastPart) : wanted;
  return `${safe.slice(0, head)}…${safe.slice(safe.length - (maxLength - 1 - head))}`;
}

function escape(character: string): string {
  const code = character.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}

/** JSON whose text is as safe to print: what `JSON.stringify` leaves raw is written as `\uXXXX`. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`,
    ).join(""));
}

/** Text that is valid as UTF-8: a half of a surrogate pair that stands alone is replaced. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, "\ufffd");
}

/** The same value, each text in it and in its fields {@linkcode wellFormed}. */
export function wellFormedTexts<T>(value: T): T {
  if (typeof value === "string") return wellFormed(value) as T;
  if (Array.isArray(value)) return value.map(wellFormedTexts) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, wellFormedTexts(one)]);
  return Object.fromEntries(entries) as T;
}
