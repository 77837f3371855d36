/**
 * The table of architectures.
 *
 * @module
 */

import type { Machine } from "./machine.ts";
import { arm64 } from "./machine_arm64.ts";
import { x64 } from "./machine_x64.ts";

const MACHINES: Readonly<Record<string, Machine>> = { x64, arm64 };

/** What is known about the architecture that this program runs on; undefined for others. */
export function thisMachine(): Machine | undefined {
  return MACHINES[process.arch];
}
