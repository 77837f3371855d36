/**
 * What the keys of `top` do, and what its columns show: below `--help`, and behind `?`.
 *
 * @module
 */

/** Keys, and what they do. */
const TOP_KEYS: readonly (readonly [keys: string, does: string])[] = [
  ["?", "this help; any key ends it"],
  ["arrows, j k", "choose a row; page up and page down by ten"],
  ["enter", "the mappings of the chosen process"],
  ["esc", "end a search; then back to the processes"],
  ["s  S", "sort by the next column, which * marks; turn the order around"],
  ["/", "find by name or pid; enter keeps what is found"],
  ["space", "pause or resume"],
  ["r", "live: record from here on; again: end that"],
  ["left right", "replay: seek; home and end: to the beginning and the end"],
  ["+ -", "replay: twice and half the speed"],
  ["q, Ctrl-C", "leave"],
];

/** What columns show that their headings do not say. */
const TOP_COLUMNS: readonly (readonly [heading: string, shows: string])[] = [
  ["writes", "bytes written to in the last window, by its length"],
  ["work.set", "what was written to within --working-set"],
  ["size", "what exists of a process, or what a mapping spans"],
  ["lately", "the rates of the last windows, the newest to the right"],
  ["where", "in which part of its mappings the working set lies"],
];

/** Both, as lines of at most 80 characters. */
export function topHelpLines(): string[] {
  const lines = (all: typeof TOP_KEYS) => all.map(([key, does]) => `  ${key.padEnd(11)}  ${does}`);
  return ["Keys:", ...lines(TOP_KEYS), "Columns:", ...lines(TOP_COLUMNS)];
}
