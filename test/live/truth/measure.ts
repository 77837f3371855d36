/**
 * Plays one mode under one tracker, and compares what each way of reading reports with what was written.
 *
 * @module
 */

import type { Snapshot, TrackerKind } from "../../../lib/core/snapshot.ts";
import type { KernelAccess } from "../../../lib/session/kernel_access.ts";
import type { Sd } from "../../../lib/session/sd.ts";
import { openLive } from "../../helpers/open_live.ts";
import { judge } from "./judge.ts";
import { kernelReports } from "./kernel_reports.ts";
import { type Clear, LeftOut, type Mode, NotInKernel } from "./mode.ts";
import type { ModeRow } from "./row.ts";
import type { Target } from "./target.ts";

/** A way of reading, in a session of its own or one that it shares. */
interface Way {
  readonly by: string;
  readonly sd: Sd;
  read(pid: number): Snapshot;
}

/** None of these ways disturbs one that comes after it, so all read what one play left. */
function openWays(kernel: KernelAccess, tracker: TrackerKind): Way[] {
  const common = { output: null, kernel, tracker } as const;
  if (tracker === "uffd-wp") {
    const sd = openLive(common);
    return (["read", "take"] as const).map((by) => ({
      by,
      sd,
      read: (pid) => sd[by](pid, { explain: true }),
    }));
  }
  const fastest = kernel.probe(tracker).readBy;
  return (["pagemap", "pagemap-scan"] as const)
    .filter((by) => by === "pagemap" || by === fastest)
    .map((by) => {
      const sd = openLive({ ...common, readBy: by });
      return { by, sd, read: (pid) => sd.read(pid, { explain: true }) };
    });
}

/** Plays a mode once. */
export async function measure(
  kernel: KernelAccess,
  tracker: TrackerKind,
  mode: Mode,
  target: Target,
): Promise<ModeRow> {
  const row = { type: "mode", tracker, mode: mode.name } as const;
  const ways = openWays(kernel, tracker);
  const sessions = new Set(ways.map(({ sd }) => sd));
  let clears = 0;
  const clear: Clear = (pid = target.pid) => {
    clears++;
    // A read before the clear shows what was there: what is gone afterwards was dropped.
    for (const sd of sessions) {
      tracker === "soft-dirty" ? sd.take(pid, { explain: true }) : sd.clear(pid);
    }
  };
  try {
    await target.renew();
    const played = await mode.play(target, clear);
    if (clears !== 1) throw new Error(`"${mode.name}" cleared ${clears} times instead of once`);
    const { pid = target.pid, region, written, changed, note } = played;
    const readings = ways.map(({ by, read }) => {
      const snapshot = read(pid);
      const mapped = region.intersect(snapshot.mapped);
      // What is taken is gone, so the kernel is asked about it by the read before it.
      return {
        by,
        snapshot,
        reports: by === "take" ? undefined : kernelReports(pid, tracker, mapped),
      };
    });
    const reports = readings[0].reports!;
    return {
      ...row,
      ...(note === undefined ? {} : { note }),
      written: written.pageCount,
      changed: (changed === undefined ? written : written.union(changed)).pageCount,
      readings: readings.map(({ by, snapshot }) => judge(played, by, snapshot, reports)),
    };
  } catch (error) {
    const nothing = { ...row, written: 0, changed: 0, readings: [] };
    if (error instanceof LeftOut) return { ...nothing, leftOut: error.message };
    if (error instanceof NotInKernel) return { ...nothing, notInKernel: error.message };
    throw error;
  } finally {
    for (const sd of sessions) sd.close();
  }
}
