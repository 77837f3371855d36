/**
 * The table of architectures.
 *
 * @module
 */

import type { Arch } from "./arch.ts";
import { arm64 } from "./arch_arm64.ts";
import { x64 } from "./arch_x64.ts";

const ARCHES: Readonly<Record<string, Arch>> = { x64, arm64 };

/** What is known about the architecture that this program runs on; undefined for others. */
export function currentArch(): Arch | undefined {
  return ARCHES[process.arch];
}
