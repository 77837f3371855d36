/**
 * `npm run fuzz -- --commands`: runs every command on large, hostile and damaged files below 32 MB.
 * Whatever comes of it takes no more than 512 MB and 20 s of the processor, under Node.
 *
 * @module
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cases } from "../../test/fuzz/cases.ts";
import { LARGE } from "../../test/fuzz/large.ts";
import { boundedRun, type Usage } from "./bounded_run.ts";
import { everyCommand } from "./every_command.ts";

/** The promise. */
const MOST_BYTES = 512e6;
const MOST_CPU_MS = 20_000;
/** A run is not killed as soon as it breaks it, so that what it would take can be told. */
const KILL_AT = { peakBytes: 1536e6, cpuMs: 45_000 };

/** What to run. */
export interface CommandsOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Files whose names hold this text; all by default. */
  readonly file?: string | undefined;
  /** Commands whose names hold this text; all by default. */
  readonly command?: string | undefined;
  readonly isVerbose: boolean;
}

/** What is wrong with a run; undefined if nothing is. */
function excessOf({ exitCode, killedFor, peakBytes, cpuMs, stderr }: Usage): string | undefined {
  if (killedFor !== undefined) return `killed for its ${killedFor}`;
  if (peakBytes > MOST_BYTES) return "too much memory";
  if (cpuMs > MOST_CPU_MS) return "too long";
  if (exitCode !== 0 && exitCode !== 1) return `exit code ${exitCode}`;
  if (/^\s+at .+:\d+/m.test(stderr)) return "a stack trace";
  return undefined;
}

/** Runs commands until the time is over, at least once each on all large files; true if all was well. */
export async function runCommands(options: CommandsOptions): Promise<boolean> {
  const { minutes, seed, file = "", command = "", isVerbose } = options;
  const folder = mkdtempSync(join(tmpdir(), "softdirty-fuzz-"));
  const trace = join(folder, "in.sdtrace");
  const endMs = performance.now() + minutes * 60_000;
  let [runs, excesses, refusals] = [0, 0, 0];
  const most = { peakBytes: 0, cpuMs: 0 };
  const run = async (name: string, bytes: Uint8Array) => {
    writeFileSync(trace, bytes);
    for (const one of everyCommand(trace, folder)) {
      if (!one.name.includes(command)) continue;
      rmSync(join(folder, "out"), { recursive: true, force: true });
      const usage = await boundedRun(one.args, KILL_AT, one.input);
      const excess = excessOf(usage);
      runs++;
      if (usage.exitCode === 1) refusals++;
      most.peakBytes = Math.max(most.peakBytes, usage.peakBytes);
      most.cpuMs = Math.max(most.cpuMs, usage.cpuMs);
      if (excess !== undefined) excesses++;
      if (excess !== undefined || isVerbose) console.log(line(name, one.name, usage, excess));
    }
  };
  try {
    for (const [name, make] of Object.entries(LARGE)) {
      if (!name.includes(file)) continue;
      await run(name, make());
    }
    const cases = new Cases(seed);
    for (let n = 0; performance.now() < endMs; n++) {
      const { name, bytes } = cases.at(n);
      await run(`case ${n} of seed ${seed} (${name})`, bytes);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const { peakBytes, cpuMs } = most;
  console.log(
    `${runs} runs, ${refusals} ended with exit code 1, ${excesses} exceeded the bounds; ` +
      `at most ${mebibytes(peakBytes)} MiB, ${Math.round(cpuMs)} ms`,
  );
  return excesses === 0;
}

function line(file: string, command: string, usage: Usage, excess: string | undefined): string {
  const { exitCode, peakBytes, cpuMs, stdoutBytes, stderr } = usage;
  const said = exitCode === 0 ? "" : `: ${stderr.split("\n").find((one) => one !== "") ?? ""}`;
  return `${excess === undefined ? "ok    " : "EXCESS"} ${file} | ${command} | ` +
    `${mebibytes(peakBytes)} MiB ${Math.round(cpuMs)} ms, ${stdoutBytes} bytes, ` +
    `exit ${exitCode}${excess === undefined ? "" : `, ${excess}`}${said.slice(0, 200)}`;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
