/**
 * Deno itself: what npm puts onto the path is a program that starts it, which has another pid.
 *
 * @module
 */

import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const INSTALLED = fileURLToPath(new URL("../../node_modules/deno/deno", import.meta.url));

/** The program; in a guest it is on the path. */
export function denoProgram(): string {
  if ("deno" in process.versions) return process.execPath;
  return existsSync(INSTALLED) ? INSTALLED : "deno";
}
