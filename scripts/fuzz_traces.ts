/**
 * `npm run fuzz`: damages and forges recordings, and uses each as the commands do. Whatever comes of
 * it is one of softdirty's own errors, in less than two seconds, in bounded memory. In each tenth case
 * a writer is given odd values instead: what it accepts must be read as it was written.
 *
 * `--seconds 60` is for how long, `--seed N` makes a run again, `--case N` one case of it. A case that
 * fails is written to a file.
 *
 * `--commands [--minutes N]` runs every command on large and hostile files, and then on such cases, as
 * processes of their own: see `fuzz/commands.ts`. `--file TEXT` and `--command TEXT` choose by name,
 * `--verbose` reports every run.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { prepareCompression } from "../lib/trace/zstd.ts";
import { Cases } from "../test/fuzz/cases.ts";
import { isOfWriter, type Report } from "./fuzz/report.ts";

const CHILD = fileURLToPath(new URL("./fuzz/child.ts", import.meta.url));
/** A case that says nothing for so long hangs. */
const HANGS_MS = 30_000;
const HEAP_MIB = 768;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    case: { type: "string" },
    commands: { type: "boolean", default: false },
    minutes: { type: "string", default: "0" },
    file: { type: "string" },
    command: { type: "string" },
    verbose: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const seconds = values.case === undefined ? Number(values.seconds) : 0;

/** What the child reported, or how it ended before it could. */
function runChild(first: number): Promise<{ last: number; report: Report | undefined }> {
  const heap = `--v8-flags=--max-old-space-size=${HEAP_MIB}`;
  const words = ["run", "-A", heap, CHILD, String(seed), String(first), String(seconds)];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  let last = first;
  let report: Report | undefined;
  const kill = () => child.kill("SIGKILL");
  let timer = setTimeout(kill, HANGS_MS);
  createInterface({ input: child.stdout }).on("line", (line) => {
    clearTimeout(timer);
    timer = setTimeout(kill, HANGS_MS);
    if (line.startsWith("{")) report = JSON.parse(line);
    else last = Number(line);
  });
  return new Promise((resolve) => {
    child.once("close", () => {
      clearTimeout(timer);
      resolve({ last, report });
    });
  });
}

console.log(`seed ${seed}`);
if (values.commands) {
  await prepareCompression();
  const { runCommands } = await import("./fuzz/commands.ts");
  const { file, command, verbose: isVerbose } = values;
  const minutes = Number(values.minutes);
  const isWell = await runCommands({ minutes, seed, file, command, isVerbose });
  process.exit(isWell ? 0 : 1);
}
const { last, report } = await runChild(Number(values.case ?? 0));
const failure = report === undefined ? "it ended the process, or hung" : report.failure;
if (report !== undefined) {
  const { cases, outcomes, longestMs, mostBytes } = report;
  const ended = Object.entries(outcomes).map(([name, count]) => `${count} ${name}`).join(", ");
  const most = `at most ${Math.round(longestMs)} ms, ${mostBytes >>> 20} MiB`;
  console.log(`${cases} cases: ${ended}; ${most}`);
}
if (failure !== undefined && isOfWriter(last)) {
  console.log(`case ${last} (calls of a writer) failed: ${failure}`);
  console.log(`again: npm run fuzz -- --seed ${seed} --case ${last}`);
  process.exitCode = 1;
} else if (failure !== undefined) {
  await prepareCompression();
  const { name, bytes } = new Cases(seed).at(last);
  const file = join(tmpdir(), `softdirty-fuzz-${seed}-${last}.sdtrace`);
  writeFileSync(file, bytes);
  console.log(`case ${last} (${name}) failed: ${failure}`);
  console.log(`its input is ${file}; again: npm run fuzz -- --seed ${seed} --case ${last}`);
  process.exitCode = 1;
}
