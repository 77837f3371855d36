/**
 * Fails if a room of `lib/` imports one that it must not know. The arrows are those of
 * `lib/README.md`.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import process from "node:process";

/** Which rooms a room may import, besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  kernel: ["core"],
  trace: ["core"],
  criu: ["core"],
  query: ["core"],
  analysis: ["core"],
  session: ["kernel", "criu", "query", "analysis", "trace", "core"],
  report: ["analysis", "trace", "core"],
  tables: ["session", "report", "trace", "core"],
  top: ["session", "report", "analysis", "trace", "core"],
  exporter: ["session", "analysis", "core"],
  page: ["report", "analysis", "core"],
  repl: ["session", "query", "report", "analysis", "trace", "core"],
  cli: [
    "repl",
    "tables",
    "top",
    "exporter",
    "session",
    "query",
    "report",
    "analysis",
    "trace",
    "core",
  ],
};

/** Runtime globals and modules that the pure rooms must not touch. */
const PURE_ROOMS = new Set(["core", "query", "analysis", "criu"]);
const IMPURE = /(?<![./\w])(Deno|process)\.|from "node:/;

const SPECIFIER = /\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;

/** The forbidden arrows in one file, as lines to print. */
export function wrongImports(file: string, source: string): string[] {
  const room = roomOf(file);
  if (room === undefined) return [];
  const code = source.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
  const wrong: string[] = [];
  for (const [, specifier] of code.matchAll(SPECIFIER)) {
    const imported = normalize(join(dirname(file), specifier));
    const target = roomOf(imported);
    if (target !== room && !(target !== undefined && MAY_IMPORT[room]?.includes(target))) {
      wrong.push(
        `${file} imports ${imported}: ${room} must not know ${target ?? "what is outside"}`,
      );
    }
  }
  if (PURE_ROOMS.has(room) && IMPURE.test(code)) {
    wrong.push(`${file} uses a runtime global or module: ${room} is pure`);
  }
  return wrong;
}

function roomOf(file: string): string | undefined {
  return /^lib\/([^/]+)\//.exec(file)?.[1];
}

if (import.meta.main) {
  const files = readdirSync("lib", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts")).map((file) => join("lib", file));
  const wrong = files.flatMap((file) => wrongImports(file, readFileSync(file, "utf8")));
  for (const line of wrong) console.error(line);
  console.log(`${files.length} files, ${wrong.length} wrong imports`);
  if (wrong.length > 0) process.exitCode = 1;
}
