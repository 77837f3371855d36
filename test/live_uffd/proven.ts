/**
 * These tests are for kernels that track with userfaultfd. Elsewhere they are left out, which is said,
 * or is a failure with `SOFTDIRTY_REQUIRE_LIVE=1`.
 *
 * @module
 */

import process from "node:process";
import { describe } from "vitest";
import { probeUffdWp } from "../../lib/kernel/probe_uffd_wp.ts";
import { ProcFs } from "../../lib/kernel/proc/proc_fs.ts";

const { works, reason } = probeUffdWp(new ProcFs());

/** `describe`, where this kernel was proven to track. */
export const describeLive = describeUnless(works ? undefined : reason);

/** `describe`, unless something is missing. */
export function describeUnless(lack: string | undefined) {
  if (lack === undefined) return describe;
  if (process.env.SOFTDIRTY_REQUIRE_LIVE === "1") throw new Error(`Cannot be left out: ${lack}`);
  console.log(`LEFT OUT: tests of attaching: ${lack}`);
  return describe.skip;
}
