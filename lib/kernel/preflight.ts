/**
 * Looks at a process before its bits are cleared or it is attached to for the first time: whether that
 * would harm it, or somebody else who uses the same bits.
 *
 * @module
 */

import { ProcessError, type ProcessErrorCode } from "../core/errors.ts";
import type { ReadMethod, TrackerKind } from "../core/snapshot.ts";
import type { TargetWarning } from "../core/target_warning.ts";
import { memoryOfOthers } from "./neighbours/memory_of_others.ts";
import { openedBy, type PagemapReaders } from "./neighbours/neighbours.ts";
import type { ProcFs } from "./proc/proc_fs.ts";
import { SoftDirtyTracker } from "./soft_dirty.ts";

/** What to pass over, and what not. */
export interface PreflightOptions {
  /** Track also a process that is refused because it, or another program, uses the same bits. */
  readonly force?: boolean | undefined;
  /** Refuse a process whose soft-dirty bits another program can depend on. */
  readonly careful?: boolean | undefined;
}

/** With what to look. */
export interface PreflightMeans {
  readonly proc: ProcFs;
  readonly readers: PagemapReaders;
  /** How soft-dirty bits are read. */
  readonly readBy: ReadMethod;
}

/** A process, and how it came to be looked at. */
export interface PreflightTarget {
  readonly pid: number;
  /** A fork of a process that we track, which hands on the bits that we cleared. */
  readonly isOwnFork?: boolean | undefined;
}

/**
 * Looks, and changes nothing.
 *
 * @returns what the user should know
 * @throws ProcessError if the process is to be left alone, or may not be looked at
 */
export function preflight(
  means: PreflightMeans,
  tracker: TrackerKind,
  target: PreflightTarget,
  options: PreflightOptions = {},
): TargetWarning[] {
  const { proc } = means;
  const { pid } = target;
  if (pid === process.pid) return []; // what we have open of our own pages is for tracking
  proc.stat(pid);
  proc.assertIsProcess(pid);
  proc.openPagemap(pid).close();
  return tracker === "soft-dirty"
    ? beforeSoftDirty(means, target, options)
    : beforeUffdWp(proc, pid, options);
}

function beforeSoftDirty(
  { proc, readers, readBy }: PreflightMeans,
  { pid, isOwnFork }: PreflightTarget,
  { force, careful }: PreflightOptions,
): TargetWarning[] {
  proc.openClearRefs(pid).close();
  const warnings: TargetWarning[] = [];
  if (openedBy(proc, pid).clearRefs) {
    const warning: TargetWarning = {
      code: "reads-own-pages",
      message:
        `Process ${pid} has its own clear_refs open: it clears its soft-dirty bits itself, as ` +
        `some garbage collectors do. Each clear of softdirty takes writes away from it, so that it can ` +
        `go wrong, and each of its own takes writes away from what is recorded`,
    };
    warnings.push(permitted(pid, warning, force, FORCE));
  }
  if (isOwnFork) return warnings;
  const others = readers.of(pid);
  if (others.length > 0) {
    const names = others.map((one) => `${one.pid} (${one.command})`).join(", ");
    const warning: TargetWarning = {
      code: "tracked-by-another",
      message:
        `The pagemap of process ${pid} is open in ${names}, as in a program that tracks it too. ` +
        `If that clears soft-dirty bits, each of the two takes writes away from the other`,
    };
    warnings.push(permitted(pid, warning, !careful, WITHOUT_CAREFUL));
  }
  const pageCount = clearedPages(proc, pid, readBy);
  if (pageCount > 0) {
    const warning: TargetWarning = {
      code: "cleared-before",
      message:
        `The soft-dirty bits of process ${pid} were cleared before: ${pageCount} of its pages ` +
        `exist and are not soft-dirty. That was an earlier softdirty, a process that forked it, or ` +
        `another tool, as CRIU between two dumps. A tool that still depends on these bits misses what ` +
        `was written before each clear of softdirty: a checkpoint of CRIU restores wrong memory then`,
    };
    warnings.push(permitted(pid, warning, !careful, WITHOUT_CAREFUL));
  }
  return warnings;
}

function beforeUffdWp(
  proc: ProcFs,
  pid: number,
  { force }: PreflightOptions,
): TargetWarning[] {
  const warnings: TargetWarning[] = [];
  const opened = openedBy(proc, pid);
  if (opened.pagemap || opened.clearRefs) {
    const file = opened.pagemap ? "pagemap" : "clear_refs";
    const warning: TargetWarning = {
      code: "reads-own-pages",
      message:
        `Process ${pid} has its own ${file} open: it asks the kernel itself which of its pages ` +
        `were written. While uffd-wp tracks it, the kernel answers "since softdirty's last look", so ` +
        `that it can go wrong, as by not resetting memory that it reuses`,
    };
    warnings.push(permitted(pid, warning, force, FORCE));
  }
  warnings.push(...memoryOfOthers(proc, pid, opened.userfaultfd, force));
  if (opened.userfaultfd) warnings.push(ownUserfaultfdWarning(pid, "has"));
  return warnings;
}

/** A process that cannot register what is tracked. */
export function ownUserfaultfdWarning(pid: number, how: "has" | "opened"): TargetWarning {
  return {
    code: "own-userfaultfd",
    message:
      `Process ${pid} ${how} a userfaultfd of its own. To register memory with it fails with ` +
      `EBUSY (Device or resource busy) where softdirty tracks that memory, until softdirty ends; what ` +
      `it had registered before is not tracked`,
  };
}

/** What its pages that it reads itself mean, found while it is tracked. */
export function openedLaterWarning(pid: number, file: "pagemap" | "clear_refs"): TargetWarning {
  return {
    code: "reads-own-pages",
    message:
      `Process ${pid} opened its own ${file} after tracking began: it reads or clears the same ` +
      `bits as softdirty, so that it can go wrong, and so can what is recorded`,
  };
}

/** The warning, where it does not forbid. */
function permitted(
  pid: number,
  warning: TargetWarning,
  isPermitted: boolean | undefined,
  hint: string,
): TargetWarning {
  if (isPermitted) return warning;
  throw new ProcessError(warning.code as ProcessErrorCode, pid, warning.message, hint);
}

const FORCE = "Track it with --force if you know that it comes to no harm";
const WITHOUT_CAREFUL = "Track it without --careful if nothing depends on these bits";

/** How many pages of a process exist and are not soft-dirty: none, before somebody cleared its bits. */
function clearedPages(proc: ProcFs, pid: number, readBy: ReadMethod): number {
  const tracker = new SoftDirtyTracker(proc, () => 0, { readBy });
  try {
    const { pages } = tracker.read(pid);
    const { present, swapped, dirty, hugetlb, guard } = pages;
    return present.union(swapped).subtract(dirty).subtract(hugetlb).subtract(guard).pageCount;
  } finally {
    tracker.close();
  }
}
