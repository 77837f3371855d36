/**
 * The committed recordings.
 *
 * @module
 */

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = (name: string) =>
  fileURLToPath(new URL(`../../recordings/${name}/`, import.meta.url));

/** Their names, without `.sdtrace`. */
export const RECORDINGS = readdirSync(folder("traces"))
  .filter((file) => file.endsWith(".sdtrace"))
  .map((file) => file.slice(0, -".sdtrace".length));

/** The file of a recording. */
export const recordingFile = (name: string) => `${folder("traces")}${name}.sdtrace`;

/** The file that says what must be found in it. */
export const goldenFile = (name: string) => `${folder("golden")}${name}.txt`;
