/**
 * How a step of the target fails.
 *
 * @module
 */

import type { Step } from "./target_main.ts";

/** A call of the C library failed in the target. */
export class CallFailed extends Error {
  /** The name of the error number. */
  readonly errno: string;

  constructor(step: Step, errno: string) {
    super(`${step.do === "call" ? step.name : step.do} failed in the target: ${errno}`);
    this.errno = errno;
  }
}
