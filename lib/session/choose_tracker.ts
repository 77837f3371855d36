/**
 * Which way of tracking a session takes.
 *
 * @module
 */

import { hasEnded, ProcessError } from "../core/errors.ts";
import { isProven, type ProbeReport, type TrackerChoice } from "../core/probe_report.ts";
import type { TrackerKind } from "../core/snapshot.ts";
import type { PreflightOptions } from "../kernel/preflight.ts";
import type { KernelAccess } from "./kernel_access.ts";

/** So much writable shared memory is much, whatever else a process has: 16 MiB. */
const MUCH_BYTES = 16 << 20;
/** And so much, if it is a quarter of all writable memory: 1 MiB. */
const LEAST_BYTES = 1 << 20;
const MUCH_SHARE = 1 / 4;

/** What is asked of the kernel. */
type Kernel = Pick<KernelAccess, "probe" | "writableMemory" | "mayAttach" | "preflight">;

/**
 * The report on the tracker to use, and why it is this one. `auto` takes soft-dirty where it was proven,
 * since it needs no stop of the target; but uffd-wp, where that was proven too, for processes with much
 * writable shared memory, of which soft-dirty loses writes when the kernel reclaims a page. If neither
 * was proven, the report says why, for each.
 *
 * @param pids the processes that are to be tracked; only looked at
 * @param options what refuses a process
 */
export function chooseTracker(
  kernel: Kernel,
  wanted: TrackerKind | "auto",
  pids: readonly number[] = [],
  options: PreflightOptions = {},
): ProbeReport {
  if (wanted !== "auto") return withChoice(kernel.probe(wanted), { reason: "named" });
  const softDirty = kernel.probe("soft-dirty");
  const uffdWp = kernel.probe("uffd-wp");
  if (!isProven(softDirty)) {
    if (isProven(uffdWp)) return withChoice(uffdWp, { reason: "only-proven" });
    return {
      ...softDirty,
      reason: `${softDirty.reason}; ${uffdWp.reason}`,
      hint: [softDirty.hint, uffdWp.hint].filter((hint) => hint !== "").join(". "),
    };
  }
  const { pid, ...memory } = mostShared(kernel, pids);
  const looked = { pid, ...memory };
  if (!hasMuch(memory)) {
    return withChoice(softDirty, {
      reason: isProven(uffdWp) ? "least-intrusive" : "only-proven",
      ...looked,
    });
  }
  if (!isProven(uffdWp)) return withChoice(softDirty, { reason: "only-proven", ...looked });
  return pids.every((one) => canUseUffdWp(kernel, one, options))
    ? withChoice(uffdWp, { reason: "shared-memory", ...looked })
    : withChoice(softDirty, { reason: "cannot-attach", ...looked });
}

/** False for a process that uffd-wp cannot attach to, or would be refused for. */
function canUseUffdWp(kernel: Kernel, pid: number, options: PreflightOptions): boolean {
  try {
    if (!kernel.mayAttach(pid)) return false;
    kernel.preflight("uffd-wp", { pid }, options);
    return true;
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error;
    return hasEnded(error.code);
  }
}

/** True if a process has so much writable shared memory that uffd-wp is to be preferred. */
function hasMuch({ sharedBytes, writableBytes }: Shared): boolean {
  return sharedBytes >= MUCH_BYTES ||
    (sharedBytes >= LEAST_BYTES && sharedBytes >= writableBytes * MUCH_SHARE);
}

type Shared = Pick<TrackerChoice, "sharedBytes" | "writableBytes">;

/** The process with the most writable shared memory. One that cannot be looked at has none. */
function mostShared(kernel: Kernel, pids: readonly number[]): Shared & { pid: number | null } {
  let most: Shared & { pid: number | null } = { pid: null, sharedBytes: 0, writableBytes: 0 };
  for (const pid of pids) {
    try {
      const { sharedBytes, writableBytes } = kernel.writableMemory(pid);
      if (sharedBytes > most.sharedBytes) most = { pid, sharedBytes, writableBytes };
    } catch (error) {
      if (!(error instanceof ProcessError)) throw error;
    }
  }
  return most;
}

function withChoice(report: ProbeReport, choice: Partial<TrackerChoice>): ProbeReport {
  const nothing = { reason: "named", pid: null, sharedBytes: 0, writableBytes: 0 } as const;
  return { ...report, choice: { ...nothing, ...choice } };
}
