/**
 * `npm run truth`: what each tracker reports for memory whose written pages are known, on each kernel.
 * Prints the table, and fails if a page is missed or reported and nothing explains it.
 *
 * - `--check` also holds it against the committed table.
 * - `--update` commits this one instead.
 * - `--kernel SERIES`, which may be repeated, measures this kernel alone; `host` is that of this machine.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Measured } from "./truth/column.ts";
import { measureHere, measureInVm } from "./truth/measure_kernels.ts";
import { compare, problemsOf, tableText } from "./truth/table.ts";

const HOST = "host";
const KERNELS = ["6.1", "6.12", "7.3", HOST];
const TABLE = fileURLToPath(new URL("../test/live/truth/TABLE.md", import.meta.url));

const { values } = parseArgs({
  options: {
    check: { type: "boolean", default: false },
    update: { type: "boolean", default: false },
    kernel: { type: "string", multiple: true },
  },
});
const kernels = values.kernel ?? KERNELS;
const isWhole = KERNELS.every((kernel) => kernels.includes(kernel));
if (values.update && !isWhole) throw new Error("--update needs all kernels: leave out --kernel");

const all: Measured[] = [];
for (const kernel of kernels) {
  all.push(kernel === HOST ? await measureHere() : await measureInVm(kernel));
}
const text = tableText(all);
console.log(text);
const failures = problemsOf(all);
if (values.update && failures.length === 0) writeFileSync(TABLE, text);
if (values.check) {
  const { differences, notCompared } = compare(all, readFileSync(TABLE, "utf8"), isWhole);
  for (const line of notCompared) console.log(`NOT COMPARED: ${line}`);
  failures.push(...differences);
}
for (const line of failures) console.log(`FAILED: ${line}`);
const cells = all.flatMap(({ columns }) => columns.flatMap((column) => [...column.cells]));
console.log(
  `${cells.length} cells, ${failures.length} failures: ` +
    (failures.length === 0
      ? "zero unexplained pages, zero missed that the kernel reported"
      : "see above"),
);
if (failures.length > 0) process.exitCode = 1;
