/**
 * The bootstrap of Deno's shell, which is another process.
 *
 * @module
 */

import { DenoInterruption } from "./deno_interruption.ts";
import { install } from "./install.ts";
import type { SessionOptions } from "./session.ts";

/** Puts `sd` onto the global object, and lets Ctrl-C interrupt it. */
export function installDeno(target: Record<string, unknown>, options: SessionOptions): void {
  const interruption = new DenoInterruption();
  install(target, options, interruption);
  interruption.start();
}
