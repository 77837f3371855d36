/**
 * The truth table as text, and the text held against what was measured.
 *
 * @module
 */

import { CAUSES } from "../../test/live/truth/mode.ts";
import type { Cell, Column, Measured } from "./column.ts";

const INTRODUCTION = `# The truth table

What each tracker reports of memory whose written pages are known exactly. \`npm run truth\` measures
it; \`npm run truth -- --update\` wrote this file, and \`npm test\` holds it. How to read it:
[README.md](README.md).
`;

const MODE_HEADS = ["mode", "written", "changed"];
const NOT_PLAYED = "-";

/** The table with all that is around it, as it is committed. */
export function tableText(all: readonly Measured[]): string {
  const columns = all.flatMap((one) => one.columns);
  const heads = [...MODE_HEADS, ...columns.map(({ name }) => name)];
  const rows = modesOf(columns).map((mode) => {
    const { written, changed } = pagesOf(columns, mode) ?? {};
    return [
      mode,
      String(written ?? NOT_PLAYED),
      String(changed ?? NOT_PLAYED),
      ...columns.map(({ cells }) => cells.get(mode)?.text ?? NOT_PLAYED),
    ];
  });
  const missing = all.flatMap((one) => one.missing);
  const parts = [INTRODUCTION, aligned([heads, ...rows])];
  if (missing.length > 0) parts.push(`Not to be had, as the probe found: ${missing.join(", ")}.\n`);
  parts.push(`Causes that cells name besides the reasons of \`explain()\`:\n`);
  parts.push(Object.entries(CAUSES).map(([name, what]) => `- ${name}: ${what}\n`).join(""));
  return parts.join("\n");
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const rule = widths.map((width) => "-".repeat(width));
  return [lines[0], rule, ...lines.slice(1)].map((line) =>
    `| ${line.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |\n`
  ).join("");
}

function modesOf(columns: readonly Column[]): string[] {
  return [...new Set(columns.flatMap(({ cells }) => [...cells.keys()]))];
}

function pagesOf(columns: readonly Column[], mode: string): Cell["pages"] {
  return columns.map(({ cells }) => cells.get(mode)?.pages).find((pages) => pages !== undefined);
}

/** What must not be, whatever was committed: a line each. */
export function problemsOf(all: readonly Measured[]): string[] {
  const columns = all.flatMap((one) => one.columns);
  const problems: string[] = [];
  for (const { name, isHost, cells } of columns) {
    for (const [mode, { text, isLeftOut, pages, problems: found }] of cells) {
      for (const problem of found) problems.push(`${name}, ${mode}: ${problem}`);
      // Here nothing may be lacking: the machines are made for it.
      if (isLeftOut && !isHost) problems.push(`${name}, ${mode}: ${text}`);
      const expected = pagesOf(columns, mode);
      if (pages !== undefined && JSON.stringify(pages) !== JSON.stringify(expected)) {
        problems.push(`${name}, ${mode}: written and changed pages differ from other columns`);
      }
    }
  }
  return problems;
}

/** How a table that was measured differs from the committed one. */
export interface Comparison {
  /** A line each. */
  readonly differences: readonly string[];
  /** What was not compared, and why: a line each. */
  readonly notCompared: readonly string[];
}

/**
 * Compares by column. The host's may be missing on either side, and so may cells that its machine
 * lacks something for.
 *
 * @param isWhole all kernels were measured, so no other column may be missing
 */
export function compare(
  all: readonly Measured[],
  committed: string,
  isWhole: boolean,
): Comparison {
  const expected = parseTable(committed);
  const differences: string[] = [];
  const notCompared: string[] = [];
  const columns = all.flatMap((one) => one.columns);
  for (const { name, isHost, cells } of columns) {
    const column = expected.get(name);
    if (column === undefined) {
      if (isHost) notCompared.push(`${name}: no such column is committed`);
      else differences.push(`${name}: no such column is committed`);
      continue;
    }
    for (const mode of new Set([...column.keys(), ...cells.keys()])) {
      const [was, is] = [column.get(mode) ?? "(no row)", cells.get(mode)?.text ?? "(no row)"];
      if (was === is) continue;
      if (isHost && [was, is].some((text) => text.startsWith("left out: "))) {
        notCompared.push(`${name}, ${mode}: ${is}; committed: ${was}`);
      } else differences.push(`${name}, ${mode}: ${is}; committed: ${was}`);
    }
  }
  for (const name of expected.keys()) {
    if (columns.some((column) => column.name === name) || MODE_HEADS.includes(name)) continue;
    if (name.includes("(host)")) notCompared.push(`${name}: this machine has another kernel`);
    else if (isWhole) differences.push(`${name}: committed, and not measured`);
  }
  for (const [index, head] of (["written", "changed"] as const).entries()) {
    for (const [mode, was] of expected.get(MODE_HEADS[index + 1]) ?? []) {
      const is = pagesOf(columns, mode)?.[head];
      if (is !== undefined && String(is) !== was) {
        differences.push(`${mode}: ${is} pages ${head}; committed: ${was}`);
      }
    }
  }
  return { differences, notCompared };
}

/** The cells of a committed table, by column and mode. */
function parseTable(text: string): Map<string, Map<string, string>> {
  const lines = text.split("\n").filter((line) => line.startsWith("|")).map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  );
  const [heads = [], , ...rows] = lines;
  return new Map(
    heads.map((head, i) => [head, new Map(rows.map((cells) => [cells[0], cells[i]]))]),
  );
}
