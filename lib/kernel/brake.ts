/**
 * One way to stop one process.
 *
 * @module
 */

import type { HoldGuard } from "./hold_guard.ts";

/** A control group's freezer, or signals. */
export interface Brake {
  readonly guard: HoldGuard;
  /** True if somebody has asked for the process to stop. */
  isStopRequested(): boolean;
  /** True if all of the process stands still. */
  isStopped(): boolean;
  stop(): void;
  /** Lets it go on, unless another program has asked for it to stop meanwhile. */
  resume(): void;
}
