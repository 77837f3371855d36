/**
 * The examples of help, run as they stand in a folder that has what they name.
 *
 * @module
 */

import { copyFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Example, EXAMPLES } from "../../lib/cli/examples.ts";
import { recordingFile } from "./recordings.ts";
import { shellLine } from "./softdirty.ts";
import { temporaryFolder } from "./temporary_folder.ts";

/** Each example once, with the words of the command that has it. */
export function examplesThat(are: (example: Example) => boolean): [string, Example][] {
  const all = Object.entries(EXAMPLES).flatMap(([words, examples]) =>
    examples.filter(are).map((example): [string, Example] => [words, example])
  );
  return all.filter(([, { line }], i) => all.findIndex(([, one]) => one.line === line) === i);
}

/** A folder with `a.sdtrace` and what else examples name, and the command in `bin/softdirty`. */
export function exampleFolder(): string {
  const folder = temporaryFolder();
  const bin = join(folder, "softdirty");
  writeFileSync(bin, `#!/bin/sh\nexec ${shellLine()} "$@"\n`, { mode: 0o755 });
  for (const name of ["a.sdtrace", "b.sdtrace"]) {
    copyFileSync(recordingFile("redis"), join(folder, name));
  }
  symlinkSync(
    fileURLToPath(new URL("../import/criu/images", import.meta.url)),
    join(folder, "dumps"),
  );
  writeFileSync(join(folder, "script.mjs"), "export default (sd) => console.log(sd.pid);\n");
  return folder;
}

/** The environment in which `softdirty` is a command. */
export function exampleEnvironment(folder: string): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${folder}:${process.env.PATH}`, XDG_STATE_HOME: folder };
}
