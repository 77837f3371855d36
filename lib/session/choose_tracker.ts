/**
 * Which way of tracking a session takes.
 *
 * @module
 */

import { isProven, type ProbeReport } from "../core/probe_report.ts";
import type { TrackerKind } from "../core/snapshot.ts";
import type { KernelAccess } from "./kernel_access.ts";

/**
 * The report on the tracker to use. `auto` takes soft-dirty where it was proven, since it needs no
 * stop of the target, and uffd-wp where only that was proven. If none was, the report says why, for
 * each.
 */
export function chooseTracker(
  kernel: Pick<KernelAccess, "probe">,
  wanted: TrackerKind | "auto",
): ProbeReport {
  if (wanted !== "auto") return kernel.probe(wanted);
  const softDirty = kernel.probe("soft-dirty");
  if (isProven(softDirty)) return softDirty;
  const uffdWp = kernel.probe("uffd-wp");
  if (isProven(uffdWp)) return uffdWp;
  return {
    ...softDirty,
    reason: `${softDirty.reason}; ${uffdWp.reason}`,
    hint: [softDirty.hint, uffdWp.hint].filter((hint) => hint !== "").join(". "),
  };
}
