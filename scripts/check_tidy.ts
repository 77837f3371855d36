/**
 * Fails where the sources are untidy in a new way: a file that nothing imports, an export that nothing
 * uses, a function of more than 70 lines, a file of more than 250.
 *
 * `tidy_left.json` has what was there when this check was made. `--update` writes what is left of it; what
 * is new is refused.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import process from "node:process";

const MOST_LINES = 250;
const MOST_FUNCTION_LINES = 70;

/** Files that programs start with, or that are loaded by a name that is put together. */
const ENTRIES: ReadonlySet<string> = new Set([
  "mod.ts",
  "lib/cli/main.ts",
  "lib/cli/program.ts",
  "lib/entry/import.ts",
  "lib/entry/inspect.ts",
  "lib/entry/live.ts",
  "lib/entry/text.ts",
  "lib/page/main.ts",
  "lib/repl/install_deno.ts",
  "lib/repl/key_watcher.ts",
]);

/** Source files by their paths. */
export type Sources = ReadonlyMap<string, string>;

/** Files of `lib/` that no file imports, tests aside. */
export function deadFiles(sources: Sources): string[] {
  const imported = new Set<string>(ENTRIES);
  for (const [file, source] of sources) {
    if (file.startsWith("test/")) continue;
    for (const [, name] of withoutComments(source).matchAll(/"(\.{1,2}\/[^"]+\.ts)"/g)) {
      imported.add(normalize(join(dirname(file), name)));
    }
  }
  return [...sources.keys()].filter((file) => file.startsWith("lib/") && !imported.has(file))
    .map((file) => `${file}: nothing imports it`);
}

const EXPORTED = /^export (?:async |abstract )?(?:function\*?|class|const|let) (\w+)/gm;

/** Exported functions, classes and constants of `lib/` whose names are in no other file. */
export function unusedExports(sources: Sources): string[] {
  const filesOf = new Map<string, number>();
  for (const source of sources.values()) {
    for (const word of new Set(source.match(/[A-Za-z_]\w*/g))) {
      filesOf.set(word, (filesOf.get(word) ?? 0) + 1);
    }
  }
  return [...sources].filter(([file]) => file.startsWith("lib/")).flatMap(([file, source]) =>
    [...source.matchAll(EXPORTED)].filter(([, name]) => filesOf.get(name) === 1)
      .map(([, name]) => `${file}: no other file uses ${name}`)
  );
}

/** Files that are longer than one idea needs. */
export function longFiles(sources: Sources): string[] {
  return [...sources].filter(([, source]) => source.trimEnd().split("\n").length > MOST_LINES)
    .map(([file]) => `${file}: more than ${MOST_LINES} lines`);
}

const FUNCTION =
  /^( *)(?:export )?(?:async )?(?:function\*? (\w+)|(?:\*|async |get |set )?(#?\w+))\(/;

/** Functions and methods that are too long. The formatter ends each at the column where it began. */
export function longFunctions(sources: Sources): string[] {
  const found: string[] = [];
  for (const [file, source] of sources) {
    if (!file.startsWith("lib/")) continue;
    const lines = source.split("\n");
    lines.forEach((line, from) => {
      const [, indent, name, method] = FUNCTION.exec(line) ?? [];
      if (indent === undefined || KEYWORDS.has(method)) return;
      // The parameters of a call end without a body.
      const head = lines.slice(from).find((one, i) =>
        i === 0 ? !one.endsWith("(") : one.startsWith(`${indent})`)
      );
      if (head === undefined || !/[^(] \{$/.test(head)) return;
      const length = lines.slice(from).findIndex((one) => one.startsWith(`${indent}}`)) + 1;
      if (length > MOST_FUNCTION_LINES) {
        found.push(`${file}: ${name ?? method}() has more than ${MOST_FUNCTION_LINES} lines`);
      }
    });
  }
  return found;
}

const KEYWORDS: ReadonlySet<string | undefined> = new Set([
  "if",
  "for",
  "while",
  "switch",
  "catch",
  "return",
  "super",
  "test",
  "describe",
]);

function withoutComments(source: string): string {
  return source.replace(/\/\*[^]*?\*\//g, "");
}

/** All that is untidy. */
export function untidy(sources: Sources): string[] {
  return [
    ...deadFiles(sources),
    ...unusedExports(sources),
    ...longFunctions(sources),
    ...longFiles(sources),
  ].sort();
}

function readSources(): Sources {
  const files = ["lib", "test", "scripts"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => join(folder, file))
  );
  return new Map(
    ["mod.ts", ...files].filter((file) => /\.(ts|mjs|cjs)$/.test(file))
      .map((file) => [file, readFileSync(file, "utf8")]),
  );
}

const LEFT = "scripts/tidy_left.json";

if (import.meta.main) {
  const left: string[] = existsSync(LEFT) ? JSON.parse(readFileSync(LEFT, "utf8")) : [];
  const now = untidy(readSources());
  const added = now.filter((one) => !left.includes(one));
  for (const one of added) console.error(one);
  console.log(`${now.length} untidy places, ${added.length} new`);
  if (existsSync(LEFT) && added.length > 0) process.exitCode = 1;
  else if (process.argv.includes("--update")) {
    writeFileSync(LEFT, `${JSON.stringify(now, undefined, 2)}\n`);
  }
}
