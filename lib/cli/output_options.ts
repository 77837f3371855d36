/**
 * The options that say where a result goes, the same on each command that has them.
 *
 * @module
 */

import { Option } from "@commander-js/extra-typings";

/** `--force`. */
export function forceOption() {
  return new Option("--force", "replace the output if it is there, once the new one is whole");
}

/**
 * How a command says what it has made: on standard error where its result itself is on standard output.
 *
 * @returns what prints a line
 */
export function printerFor(output: string | undefined): (text: string) => void {
  const stream = output === "-" ? process.stderr : process.stdout;
  return (text) => void stream.write(`${text}\n`);
}

/** A result's name in a sentence. */
export function outputName(output: string): string {
  return output === "-" ? "standard output" : output;
}
