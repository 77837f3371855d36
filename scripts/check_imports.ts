/**
 * Fails if a room of `lib/` imports one that it must not know, or if files import each other in a circle.
 * The arrows are those of `lib/README.md`.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import process from "node:process";

/**
 * Which rooms a room is allowed to import, besides itself. A folder in a room is a room of its own if it
 * has a line here; else it belongs to the room around it.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  "kernel/system": ["core"],
  "kernel/proc": ["kernel/system", "core"],
  "kernel/pagemap": ["kernel/proc", "kernel/system", "core"],
  "kernel/unseen": ["kernel/pagemap", "kernel/proc", "kernel/system", "core"],
  "kernel/neighbours": ["kernel/pagemap", "kernel/proc", "core"],
  "kernel/freeze": ["kernel/proc", "kernel/system", "core"],
  "kernel/inject": ["kernel/freeze", "kernel/proc", "kernel/system", "core"],
  "kernel/uffd": ["kernel/inject", "kernel/pagemap", "kernel/proc", "kernel/system", "core"],
  kernel: [
    "kernel/uffd",
    "kernel/inject",
    "kernel/freeze",
    "kernel/neighbours",
    "kernel/unseen",
    "kernel/pagemap",
    "kernel/proc",
    "kernel/system",
    "core",
  ],
  trace: ["core"],
  query: ["core"],
  analysis: ["core"],
  files: ["kernel/proc", "kernel/system", "trace", "core"],
  "import/criu": ["core"],
  import: ["import/criu", "files", "kernel/pagemap", "kernel/proc", "trace", "core"],
  session: [
    "kernel",
    "kernel/inject",
    "kernel/freeze",
    "kernel/neighbours",
    "kernel/proc",
    "files",
    "query",
    "analysis",
    "trace",
    "core",
  ],
  report: ["analysis", "trace", "core"],
  tables: ["files", "report", "trace", "core"],
  top: ["session", "files", "report", "analysis", "trace", "core"],
  exporter: ["session", "analysis", "core"],
  page: ["report", "analysis", "core"],
  repl: ["session", "files", "query", "report", "analysis", "trace", "core"],
  entry: [
    "repl",
    "session",
    "import",
    "files",
    "report",
    "kernel",
    "kernel/inject",
    "trace",
    "core",
  ],
  cli: [
    "repl",
    "tables",
    "top",
    "exporter",
    "session",
    "import",
    "files",
    "query",
    "report",
    "analysis",
    "trace",
    "core",
  ],
};

/** Runtime globals and modules that the pure rooms must not touch. */
const PURE_ROOMS = new Set(["core", "query", "analysis", "import/criu"]);
const IMPURE = /(?<![./\w])(Deno|process)\.|from "node:/;

const SPECIFIER = /\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;

/** The forbidden arrows in one file, as lines to print. */
export function wrongImports(file: string, source: string): string[] {
  const room = roomOf(file);
  if (room === undefined) return [];
  const code = withoutComments(source);
  const wrong: string[] = [];
  for (const imported of importsOf(file, code)) {
    const target = roomOf(imported);
    if (target !== room && !(target !== undefined && ALLOWED[room]?.includes(target))) {
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

/** The circles in which files import each other, types included, as lines to print. */
export function circles(sources: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]) => {
    const at = path.indexOf(file);
    if (at >= 0) found.push(`a circle: ${[...path.slice(at), file].join(" -> ")}`);
    if (at >= 0 || done.has(file)) return;
    const source = sources.get(file);
    for (const imported of importsOf(file, withoutComments(source ?? ""))) {
      walk(imported, [...path, file]);
    }
    done.add(file);
  };
  for (const file of sources.keys()) walk(file, []);
  return found;
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
}

function importsOf(file: string, code: string): string[] {
  return [...code.matchAll(SPECIFIER)].map(([, name]) => normalize(join(dirname(file), name)));
}

function roomOf(file: string): string | undefined {
  const [, room, inner] = /^lib\/(\w+)\/(?:(\w+)\/)?/.exec(file) ?? [];
  return `${room}/${inner}` in ALLOWED ? `${room}/${inner}` : room;
}

if (import.meta.main) {
  const files = readdirSync("lib", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts")).map((file) => join("lib", file));
  const sources = new Map(files.map((file) => [file, readFileSync(file, "utf8")]));
  const wrong = [...sources].flatMap(([file, source]) => wrongImports(file, source));
  wrong.push(...circles(sources));
  for (const line of wrong) console.error(line);
  console.log(`${files.length} files, ${wrong.length} wrong imports`);
  if (wrong.length > 0) process.exitCode = 1;
}
