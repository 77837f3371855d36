import { expect, test } from "vitest";
import { circles, wrongImports } from "../../scripts/check_imports.ts";

test.each<[string, string, string]>([
  ["core imports a room", "lib/core/a.ts", 'import { x } from "../trace/b.ts";'],
  [
    "the trace opens files of the kernel room",
    "lib/trace/a.ts",
    'import { x } from "../kernel/b.ts";',
  ],
  ["a lazy import points up", "lib/report/a.ts", 'await import("../cli/b.ts");'],
  ["a re-export points up", "lib/session/a.ts", 'export * from "../repl/b.ts";'],
  ["core uses a clock of Node", "lib/core/a.ts", 'import { x } from "node:fs";'],
  [
    "images are read by a room that must be pure",
    "lib/import/criu/a.ts",
    'import { x } from "node:fs";',
  ],
  ["the trace knows of CRIU", "lib/trace/a.ts", 'import { x } from "../import/criu/b.ts";'],
  [
    "what reads /proc knows a tracker",
    "lib/kernel/proc/a.ts",
    'import { x } from "../soft_dirty.ts";',
  ],
  [
    "an analysis uses files of a folder of the kernel",
    "lib/analysis/a.ts",
    'import { x } from "../kernel/proc/maps.ts";',
  ],
  ["a room has no line", "lib/new/a.ts", 'import { x } from "../core/b.ts";'],
  ["core uses a runtime global", "lib/core/a.ts", "const x = process.pid;"],
])("wrongImports() finds that %s", (_, file, source) => {
  expect(wrongImports(file, source)).toHaveLength(1);
});

test.each<[string, string, string]>([
  ["a room imports core", "lib/trace/a.ts", 'import { x } from "../core/b.ts";'],
  ["the importers wire images", "lib/import/a.ts", 'import { x } from "./criu/b.ts";'],
  ["a folder belongs to its room", "lib/report/html/a.ts", 'import { x } from "../b.ts";'],
  ["a file imports its neighbour", "lib/core/a.ts", 'import { x } from "./process.ts";'],
  ["a field is named process", "lib/core/a.ts", "const x = event.process.pid;"],
  ["an example in a comment imports more", "lib/core/a.ts", '/**\n * import "../cli/b.ts"\n */'],
  ["a file lies outside lib", "scripts/a.ts", 'import "../lib/cli/b.ts";'],
])("wrongImports() allows that %s", (_, file, source) => {
  expect(wrongImports(file, source)).toEqual([]);
});

test("circles() finds files that import each other, also by types and through others", () => {
  const file = (name: string) => `import type { X } from "./${name}.ts";`;
  const sources = new Map([
    ["lib/core/a.ts", file("b")],
    ["lib/core/b.ts", `${file("c")}\n${file("d")}`],
    ["lib/core/c.ts", file("a")],
    ["lib/core/d.ts", "/** import { x } from './a.ts' */"],
  ]);
  expect(circles(sources)).toEqual([
    "a circle: lib/core/a.ts -> lib/core/b.ts -> lib/core/c.ts -> lib/core/a.ts",
  ]);
  sources.set("lib/core/c.ts", "");
  expect(circles(sources)).toEqual([]);
});
