/**
 * Results that can be left out where they would take too much.
 *
 * @module
 */

import { SoftdirtyError } from "./errors.ts";

/** A result, or why it would take more work or memory than there can be. */
export function unlessTooLarge<T>(make: () => T): T | string {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof SoftdirtyError && error.code === "too-large")) throw error;
    return error.message;
  }
}
