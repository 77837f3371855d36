/**
 * One way to stop one process.
 *
 * @module
 */

import type { HoldGuard } from "./hold_guard.ts";

/** A control group's freezer, or signals. */
export interface Brake {
  readonly guard: HoldGuard;
  /** True if a program has asked for the process to stop. */
  isStopRequested(): boolean;
  /** True if all of the process is stopped. */
  isStopped(): boolean;
  stop(): void;
  /** Resumes it, unless another program has asked for it to stop meanwhile. */
  resume(): void;
}
