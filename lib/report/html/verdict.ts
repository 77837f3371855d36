/**
 * The first line that a command prints: what its result comes to.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";

/** The first line of a text, without the marks of a terminal. */
export function verdict(text: string): string {
  return stripVTControlCharacters(text.split("\n", 1)[0]);
}
