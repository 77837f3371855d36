/**
 * Settings of the kernel that some modes change. They are for the whole machine, so only one that is
 * made for the modes is changed, and each setting is put back after its mode.
 *
 * @module
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { LeftOut, NotInKernel } from "./mode.ts";

let isAllowed = false;
const before = new Map<string, string>();

/** Says that this machine is made for the modes. */
export function allowChanges(): void {
  isAllowed = true;
}

/** Changes a setting until {@linkcode restoreSettings}. */
export function change(file: string, value: string): void {
  if (!isAllowed) throw new LeftOut("no leave to change settings");
  if (!existsSync(file)) throw new NotInKernel(file);
  if (!before.has(file)) before.set(file, chosen(readFileSync(file, "utf8")));
  writeFileSync(file, value);
}

/** Puts back what was changed, the last first. */
export function restoreSettings(): void {
  for (const [file, value] of [...before].reverse()) writeFileSync(file, value);
  before.clear();
}

/** The word in brackets, where all that can be chosen are listed. */
function chosen(text: string): string {
  return /\[(\w+)\]/.exec(text)?.[1] ?? text.trim();
}
