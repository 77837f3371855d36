/**
 * Runs the command under the runtime that the tests run under.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** How a run ended, and what it printed. */
export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const path = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const COMMAND = "deno" in process.versions
  ? ["run", "-A", path("lib/cli/main.ts")]
  : [path("dist/lib/bundle/main.js")];

/** The words that run `softdirty` with these arguments. */
export function commandLine(...args: readonly string[]): string[] {
  return [process.execPath, ...COMMAND, ...args];
}

/** The same for a shell, however the folder is called that the project lies in. */
export function shellLine(...args: readonly string[]): string {
  return commandLine(...args).map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}

/** Starts `softdirty` with these arguments. */
export function start(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const [program, ...words] = commandLine(...args);
  return spawn(program, words, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
}

/** What a child prints, once it has ended. */
export function finished(child: ChildProcess): Promise<Finished> {
  let [stdout, stderr] = ["", ""];
  child.stdout!.setEncoding("utf8").on("data", (text) => stdout += text);
  child.stderr!.setEncoding("utf8").on("data", (text) => stderr += text);
  return new Promise((resolve) => {
    child.once("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}

/** Interrupts a child as soon as it has begun, and returns the signal that it ended with. */
export async function interrupted(
  child: ChildProcess,
  hasBegun: () => boolean,
): Promise<NodeJS.Signals | null> {
  const end = finished(child);
  while (!hasBegun()) await new Promise((resolve) => setImmediate(resolve));
  process.kill(child.pid!, "SIGINT");
  await end;
  return child.signalCode;
}

/** Runs `softdirty` to its end. */
export function softdirty(...args: string[]): Promise<Finished> {
  const child = start(args);
  child.stdin!.end();
  return finished(child);
}
