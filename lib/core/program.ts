/**
 * What a process runs, where its name says less: the name is at most 15 bytes long, and of an
 * interpreter always the same.
 *
 * Command lines hold passwords and the like. So nothing is taken of them but the name of the program and,
 * of an interpreter, that of its script: never an option's value, and never another argument.
 *
 * @module
 */

import type { ProcessIdentity } from "./process.ts";

/** Longer names are cut. */
const LONGEST = 128;

/** Programs that run a script, and how that is named. */
const INTERPRETERS: readonly (readonly [program: RegExp, script: RegExp])[] = [
  [/^(python|pypy)[\d.]*$/, /\.pyw?$/],
  [/^(node|nodejs|bun|deno|tsx)$/, /\.[cm]?[jt]sx?$/],
  [/^java$/, /\.jar$|^(?!.*\/)[A-Za-z_]\w*(\.[A-Za-z_$][\w$]*)+$/],
  [/^dotnet$/, /\.dll$/],
  [/^(perl|ruby|php|lua|Rscript)[\d.]*$/, /\.(p[lm]|rb|php|lua|R)$/],
  [/^(ba|da|z|k)?sh$/, /\.(ba|z|k)?sh$/],
];

/** Options whose value may look like a script: of Java where classes lie, of others code as text. */
const WITH_VALUE =
  /^(-cp|-classpath|--class-path|--module-path|-p|-c|-e|-r|--eval|--require|--import)$/;

/**
 * The program of `/proc/PID/cmdline`, and its script if it is an interpreter.
 *
 * @param command the process's name
 * @returns undefined where that would say no more than the name
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const run = "/usr/bin/python3\0-u\0/srv/train.py\0--password\0secret\0";
 * assert.equal(programOf(run, "python3"), "python3 train.py");
 * assert.equal(programOf("redis-server *:6379\0", "redis-server"), undefined);
 * ```
 */
export function programOf(commandLine: string, command: string): string | undefined {
  const [first, ...args] = commandLine.split("\0");
  // A title that a program has given itself can hold anything.
  if (first === "" || /\s/.test(first)) return undefined;
  const name = lastPart(first).replace(/^-/, "");
  const script = scriptOf(name, args);
  if (script !== undefined) return `${name} ${script}`.slice(0, LONGEST);
  const isCut = name.length > command.length && name.startsWith(command);
  return isCut ? name.slice(0, LONGEST) : undefined;
}

function scriptOf(name: string, args: readonly string[]): string | undefined {
  const pattern = INTERPRETERS.find(([program]) => program.test(name))?.[1];
  if (pattern === undefined) return undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg === "-m" && /^python|^pypy/.test(name)) {
      return /^[\w.]+$/.test(args[i + 1] ?? "") ? `-m ${args[i + 1]}` : undefined;
    }
    if (WITH_VALUE.test(arg)) i++;
    else if (!arg.startsWith("-")) {
      if (pattern.test(arg)) return lastPart(arg);
      // Deno and Bun have commands; what else is no script is an argument of something.
      if (!/^(run|serve|x)$/.test(arg)) return undefined;
    }
  }
  return undefined;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A process as people know it: `python3 train.py`, or by its name alone. */
export function programName({ command, program }: ProcessIdentity): string {
  if (program === undefined) return command;
  // A process can set its own name; then both names are shown.
  return program.startsWith(command) ? program : `${command}, ${program}`;
}
