/**
 * How long the command takes to start, against a program that does nothing, and an import of the library,
 * against one of the modules that read traces.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { median, ms } from "./figures.ts";

const ROUNDS = 21;
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const STARTS: Readonly<Record<string, (program: string) => [command: string, args: string[]]>> = {
  Deno: (program) => [process.execPath, ["run", "-A", here(program)]],
  Node: (program) => ["node", [here(program)]],
};
const PROGRAMS: Readonly<Record<string, readonly [bare: string, ours: string]>> = {
  Deno: ["./nothing.mjs", "../../lib/cli/main.ts"],
  Node: ["./nothing.mjs", "../../dist/lib/bundle/main.js"],
};

function timeNs(command: string, args: readonly string[]): number {
  const startMs = performance.now();
  const { status } = spawnSync(command, args);
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed`);
  return (performance.now() - startMs) * 1e6;
}

/** What a program takes that imports the library, and one that imports the modules that read traces. */
const IMPORTS = {
  library: "../../dist/lib/bundle/softdirty.js",
  reading: "../../dist/lib/files/open_trace.js",
} as const;

/** The time of the import alone. */
function importNs(path: string): number {
  const code = `const startNs = process.hrtime.bigint(); await import(${
    JSON.stringify(here(path))
  });
console.log(Number(process.hrtime.bigint() - startNs));`;
  const { stdout } = spawnSync("node", ["--input-type=module", "-e", code]);
  return Number(stdout);
}

function importTimes(): void {
  const times = { library: [] as number[], reading: [] as number[] };
  const ratios: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    times.reading.push(importNs(IMPORTS.reading));
    times.library.push(importNs(IMPORTS.library));
    ratios.push(times.library[i] / times.reading[i]);
  }
  console.log(
    `Node, import "softdirty"\n  ${ms(median(times.library))}, the modules that reading needs ${
      ms(median(times.reading))
    }: ${median(ratios).toFixed(2)} (at most 1.3)`,
  );
}

/** Runs and prints it. */
export function startup(): Promise<void> {
  console.log(`\n== startup: softdirty --version; medians of ${ROUNDS} rounds`);
  for (const [runtime, start] of Object.entries(STARTS)) {
    const [bare, ours] = PROGRAMS[runtime].map(start);
    const times = { bare: [] as number[], ours: [] as number[] };
    const ratios: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      times.bare.push(timeNs(...bare));
      times.ours.push(timeNs(ours[0], [...ours[1], "--version"]));
      ratios.push(times.ours[i] / times.bare[i]);
    }
    console.log(
      `${runtime}\n  ${ms(median(times.ours))}, a program that does nothing ${
        ms(median(times.bare))
      }: ${median(ratios).toFixed(2)} (at most 1.5)`,
    );
  }
  importTimes();
  return Promise.resolve();
}
