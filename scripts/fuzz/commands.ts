/**
 * `npm run fuzz -- --commands`: runs every command on large, hostile and damaged files below 32 MB.
 * Whatever comes of it takes no more than 512 MB and 20 s of the processor, under Node.
 *
 * @module
 */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cases } from "../../test/fuzz/cases.ts";
import { LARGE } from "../../test/fuzz/large.ts";
import { LARGE_ROTATED } from "../../test/fuzz/large_rotated.ts";
import { Random } from "../../test/fuzz/random.ts";
import { segmentPath } from "../../lib/files/segments.ts";
import { boundedRun, type Usage } from "./bounded_run.ts";
import { type CommandLine, everyCommand } from "./every_command.ts";
import { everyImport } from "./every_import.ts";

/** The limits that are promised. */
const MOST_BYTES = 512e6;
const MOST_CPU_MS = 20_000;
/** A run is not killed as soon as it exceeds these, so that its real usage can be reported. */
const KILL_AT = { peakBytes: 1536e6, cpuMs: 45_000 };

const COMMANDS_OF_FILE = 8;

/** What to run. */
export interface CommandsOptions {
  /** 0 for every command on every large file. */
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

/**
 * Runs commands, drawn at random, on files that are drawn as well, until the time is over; without a
 * time, every command on each of the large files. True if all was well.
 */
export async function runCommands(options: CommandsOptions): Promise<boolean> {
  const { minutes, seed, file = "", command = "", isVerbose } = options;
  const folder = mkdtempSync(join(tmpdir(), "softdirty-fuzz-"));
  const trace = join(folder, "in.sdtrace");
  let [runs, excesses, refusals] = [0, 0, 0];
  const most = { peakBytes: 0, cpuMs: 0 };
  const run = async (name: string, { args, input, name: shown }: CommandLine) => {
    rmSync(join(folder, "out"), { recursive: true, force: true });
    const usage = await boundedRun(args, KILL_AT, input);
    const excess = excessOf(usage);
    runs++;
    if (usage.exitCode === 1) refusals++;
    most.peakBytes = Math.max(most.peakBytes, usage.peakBytes);
    most.cpuMs = Math.max(most.cpuMs, usage.cpuMs);
    if (excess !== undefined) excesses++;
    if (excess !== undefined || isVerbose) console.log(line(name, shown, usage, excess));
  };
  const meant = (all: readonly CommandLine[]) => all.filter(({ name }) => name.includes(command));
  /** Writes one file, or the files of a recording that was rotated. */
  const written = (bytes: Uint8Array | readonly Uint8Array[]) => {
    for (const one of readdirSync(folder)) rmSync(join(folder, one), { recursive: true });
    if (bytes instanceof Uint8Array) writeFileSync(trace, bytes);
    else bytes.forEach((one, i) => writeFileSync(segmentPath(trace, i + 1), one));
    return meant(everyCommand(trace, folder));
  };
  const large = Object.entries({ ...LARGE, ...LARGE_ROTATED })
    .map(([name, make]) => [name, () => written(make())] as const)
    .concat([["copies", () => meant(everyImport(folder))]])
    .filter(([name]) => name.includes(file));
  try {
    if (minutes === 0) {
      for (const [name, write] of large) for (const one of write()) await run(name, one);
    }
    const cases = new Cases(seed);
    const endMs = performance.now() + minutes * 60_000;
    for (let n = 0; performance.now() < endMs; n++) {
      const random = new Random(seed, n);
      const isLarge = large.length > 0 && n % 4 !== 3;
      const [name, write] = isLarge ? random.of(large) : [
        `case ${n} of seed ${seed}`,
        () => written(cases.at(n).bytes),
      ];
      const commands = write();
      if (commands.length === 0) continue;
      // To make a file takes as long as a few commands.
      for (let i = 0; i < COMMANDS_OF_FILE && performance.now() < endMs; i++) {
        await run(name, random.of(commands));
      }
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
