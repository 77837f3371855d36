import { expect, test } from "vitest";
import { deadFiles, longFiles, longFunctions, unusedExports } from "../../scripts/check_tidy.ts";

const sources = (files: Record<string, string>) => new Map(Object.entries(files));

test("deadFiles() finds what only a test imports, or nothing", () => {
  const found = deadFiles(sources({
    "lib/core/a.ts": 'import { b } from "./b.ts";',
    "lib/core/b.ts": "",
    "lib/core/c.ts": "/** import './d.ts' */",
    "lib/cli/main.ts": 'import "../core/a.ts";',
    "test/core/c.test.ts": 'import { c } from "../../lib/core/c.ts";',
  }));
  expect(found).toEqual(["lib/core/c.ts: nothing imports it"]);
});

test("unusedExports() finds values whose names are in no other file", () => {
  const found = unusedExports(sources({
    "lib/core/a.ts": "export function used() {}\nexport const unused = 1;\nexport type T = 1;",
    "lib/core/b.ts": 'import { used } from "./a.ts";',
    "test/core/a.test.ts": "used();",
  }));
  expect(found).toEqual(["lib/core/a.ts: no other file uses unused"]);
});

test("longFunctions() and longFiles() count lines", () => {
  const body = (lines: number, indent: string) => `${indent}  x;\n`.repeat(lines);
  const source = `export function long() {\n${body(70, "")}}\n` +
    `class A {\n  short() {\n${body(60, "  ")}  }\n  #long(x) {\n${body(80, "  ")}  }\n}\n`;
  expect(longFunctions(sources({ "lib/a.ts": source }))).toEqual([
    "lib/a.ts: long() has more than 70 lines",
    "lib/a.ts: #long() has more than 70 lines",
  ]);
  expect(longFiles(sources({ "lib/a.ts": source, "lib/b.ts": "x;\n".repeat(251) }))).toEqual([
    "lib/b.ts: more than 250 lines",
  ]);
});
