/**
 * Fails where a text has a phrase that the glossary of CONTRIBUTING.md replaces, in documents, strings,
 * comments and test names.
 *
 * `words_left.json` has the files that still had some when this check was made, and how many: there may
 * be no more. `--update` writes it again, with what is left; it refuses to raise a count.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** Each phrase, and what to write. */
export const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/\b(told|tells?|telling)\b/gi, "reported, recorded, printed, delta-encoded; shows, says"],
  [/\bmay(?:\s+not)?\s+be\s+(tracked|read|opened|attached)\b/gi, "can be, or is allowed to be"],
  [/\b(is|are|was|were)\s+meant\b/gi, "selected"],
  [/\b(stands?|stood|standing)\s+still\b/gi, "is stopped"],
  [/\bso\s+(many|much|long|often)\s+(?:of\s+|each\s+|at\s+)/gi, "N, this long, this often"],
  [/\banew\b/gi, "again"],
  [/\bfor\s+sure\b/gi, "at least, or beyond noise"],
  [/\b(goes|go|went|going)\s+on\b/gi, "continues"],
  [/\bnobody\b/gi, "a sentence with a subject that acts"],
  [/\bby\s+what\b/gi, "a sentence with a subject"],
];

/** A use of a phrase. */
export interface Found {
  readonly line: number;
  readonly text: string;
  readonly instead: string;
}

/** The uses in a document. */
export function wordsIn(text: string): Found[] {
  const found: Found[] = [];
  for (const [phrase, instead] of PHRASES) {
    for (const match of text.matchAll(phrase)) {
      const line = text.slice(0, match.index).split("\n").length;
      found.push({ line, text: match[0].replace(/\s+/g, " "), instead });
    }
  }
  return found.sort((a, b) => a.line - b.line);
}

const LEFT = "scripts/words_left.json";
const FOLDERS = ["lib", "test", "scripts", "findings"];
const DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"];

function files(): string[] {
  const inFolders = FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => join(folder, file))
  );
  return [...DOCUMENTS, ...inFolders].filter((file) => /\.(ts|md|mjs|py|sh)$/.test(file))
    // They list the phrases.
    .filter((file) => !["CONTRIBUTING.md", "scripts/check_words.ts"].includes(file))
    .filter((file) => file !== "test/scripts/check_words.test.ts").sort();
}

if (import.meta.main) {
  const left: Record<string, number> = existsSync(LEFT)
    ? JSON.parse(readFileSync(LEFT, "utf8"))
    : {};
  const isFirst = !existsSync(LEFT);
  const now: Record<string, number> = {};
  let failures = 0;
  for (const file of files()) {
    const found = wordsIn(readFileSync(file, "utf8"));
    if (found.length > 0) now[file] = found.length;
    if (isFirst || found.length <= (left[file] ?? 0)) continue;
    failures++;
    console.error(`${file}: ${found.length} phrases of the glossary, ${left[file] ?? 0} are known`);
    for (const { line, text, instead } of found) console.error(`  ${line}: "${text}": ${instead}`);
  }
  const total = Object.values(now).reduce((sum, count) => sum + count, 0);
  console.log(
    `${total} phrases left in ${Object.keys(now).length} files, ${failures} files have more`,
  );
  if (failures > 0) process.exitCode = 1;
  else if (process.argv.includes("--update")) {
    writeFileSync(LEFT, JSON.stringify(now, undefined, 2) + "\n");
  }
}
