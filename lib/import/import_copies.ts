/**
 * Makes a trace of copies of `/proc/PID/pagemap`: a snapshot for each.
 *
 * @module
 */

import { basename } from "node:path";
import { ImportError, TrackingUnsupportedError } from "../core/errors.ts";
import type { ProbeStep } from "../core/probe_report.ts";
import { type ClearEvent, type PageFlag, Snapshot, UNKNOWN_CONDITIONS } from "../core/snapshot.ts";
import { PAGEMAP_FLAGS } from "../kernel/pagemap/pagemap.ts";
import { assertImportable, assertTellable, unknownOrder } from "./import_errors.ts";
import type { ImportedTrace } from "./import_criu.ts";
import { foreignHeader, writeMarks, writeNewTrace } from "../files/new_trace.ts";
import { type CopiedPages, type PagemapCopy, readPagemapCopy } from "./pagemap_copy.ts";

/** What copies do not have. */
export interface CopyOptions {
  /** 0 if it is not known. */
  readonly pid?: number | undefined;
  /** The command name (`comm`) to record; `unknown` by default. */
  readonly command?: string | undefined;
  /** 4096 if it is not given. */
  readonly pageSizeBytes?: number | undefined;
  /** From one copy to the next; without it, the times of the files. */
  readonly intervalMs?: number | undefined;
  /** How long before each copy the soft-dirty bits were cleared; without it, they never were. */
  readonly clearedMs?: number | undefined;
  /** Replace a file that is there, once the new one is whole. */
  readonly force?: boolean | undefined;
}

/**
 * Writes a trace of copies of one process, oldest first.
 *
 * @throws ImportError if a file cannot be read, or the times contradict each other
 * @throws TrackingUnsupportedError if bit 55 is set nowhere
 * @throws TraceError if the trace exists or cannot be written; in each case there is none then
 */
export function importCopies(
  copies: readonly PagemapCopy[],
  output: string,
  options: CopyOptions = {},
): ImportedTrace {
  const { pid = 0, command = "unknown", pageSizeBytes = 4096, intervalMs, clearedMs } = options;
  assertImportable(copies.length, pageSizeBytes);
  const seen = { dirty: false, clean: false, hugetlb: true };
  const modified: number[] = [];
  for (const copy of copies) {
    const copied = readPagemapCopy(copy, pageSizeBytes);
    addEvidence(seen, copied);
    modified.push(copied.modifiedUnixMs);
  }
  assertTracked(seen.dirty, copies.length);
  const clearedNs = Math.round((clearedMs ?? 0) * 1e6);
  const times = timesOf(copies, modified, intervalMs).map((atNs) => atNs + clearedNs);
  assertTellable(times, copies[0].pagemap);
  assertClearedBetween(copies, times, clearedNs);
  const originUnixMs = Math.max(0, modified[0] - clearedNs / 1e6);
  const header = foreignHeader({
    source: "copies of pagemap",
    originUnixMs,
    arch: "unknown",
    pageSizeBytes,
    evidence: evidenceSteps(seen),
    reason: "bit 55 is set in some of the copied entries, which only a kernel that tracks does; " +
      "softdirty did not try it",
  });
  const process = { pid, startTimeTicks: 0, command };
  const known: PageFlag[] = seen.hugetlb ? [...PAGEMAP_FLAGS, "hugetlb"] : [...PAGEMAP_FLAGS];
  return writeNewTrace(output, header, (writer) => {
    const remarks = remarksOn(copies, seen.hugetlb, options);
    writeMarks(writer, remarks);
    for (const [i, copy] of copies.entries()) {
      const atNs = times[i];
      const { vmas, pages } = readPagemapCopy(copy, pageSizeBytes);
      const cleared = { durationNs: 0, unseenNs: null, stoppedNs: 0, vmas: null };
      const sinceClear: ClearEvent | null = clearedMs === undefined
        ? null
        : { type: "clear", process, atNs: atNs - clearedNs, ...cleared };
      const how = { tracker: "soft-dirty", readBy: "pagemap", known, stoppedNs: 0 } as const;
      const conditions = UNKNOWN_CONDITIONS;
      const when = { conditions, atNs, durationNs: 0, sinceClear, originUnixMs, index: 0 };
      writer.read(new Snapshot({ process, pageSizeBytes, vmas, pages, ...how, ...when }));
    }
    return { snapshotCount: copies.length, processCount: 1, remarks };
  }, options.force);
}

interface Seen {
  dirty: boolean;
  clean: boolean;
  /** True if all copies show which memory is hugetlb. */
  hugetlb: boolean;
}

function addEvidence(seen: Seen, { pages, tellsHugetlb }: CopiedPages): void {
  const { dirty, present, fileOrShared, hugetlb } = pages;
  seen.dirty ||= !dirty.isEmpty;
  seen.clean ||= !present.subtract(fileOrShared).subtract(hugetlb).subtract(dirty).isEmpty;
  seen.hugetlb &&= tellsHugetlb;
}

function evidenceSteps({ clean }: Seen): ProbeStep[] {
  const clear: ProbeStep = { action: "clear", expectedDirty: false, foundDirty: false };
  const write: ProbeStep = { action: "write", expectedDirty: true, foundDirty: true };
  return clean ? [clear, write] : [write];
}

/** A kernel without soft-dirty leaves bit 55 at 0, so no page would ever look written. */
function assertTracked(isDirty: boolean, copyCount: number): void {
  if (isDirty) return;
  throw new TrackingUnsupportedError(
    `Bit 55 is set in no entry of ${
      copyCount === 1 ? "this copy" : `these ${copyCount} copies`
    }: ` +
      "the kernel does not track writes, or there were none; nothing proves which",
    "Let the process write between the clear and one of the copies, or ask softdirty doctor there",
  );
}

/** When each copy was made, in nanoseconds since the first. */
function timesOf(
  copies: readonly PagemapCopy[],
  modified: readonly number[],
  intervalMs: number | undefined,
): number[] {
  if (intervalMs !== undefined) return copies.map((_, i) => Math.round(i * intervalMs * 1e6));
  for (let i = 1; i < modified.length; i++) {
    if (modified[i] > modified[i - 1]) continue;
    unknownOrder(
      copies[i].pagemap,
      `${copies[i].pagemap} is not newer than ${copies[i - 1].pagemap}, which comes before it`,
    );
  }
  return modified.map((time) => Math.round((time - modified[0]) * 1e6));
}

function assertClearedBetween(
  copies: readonly PagemapCopy[],
  times: readonly number[],
  clearedNs: number,
): void {
  for (let i = 1; i < times.length; i++) {
    if (times[i] - clearedNs >= times[i - 1]) continue;
    throw new ImportError(
      "not-understood",
      copies[i].pagemap,
      `The clear before ${copies[i].pagemap} would have come before ${copies[i - 1].pagemap}`,
      "Give the time from each clear to the copy after it: --cleared 1s; or --interval",
    );
  }
}

function remarksOn(
  copies: readonly PagemapCopy[],
  tellsHugetlb: boolean,
  { pid, intervalMs, clearedMs }: CopyOptions,
): string[] {
  const [first, last] = [copies[0], copies[copies.length - 1]].map((one) => basename(one.pagemap));
  const names = copies.length === 1 ? first : `${first} ... ${last}`;
  const remarks = [
    `imported from ${copies.length} copies of /proc/PID/pagemap, oldest first: ${names}`,
    intervalMs === undefined
      ? "times: when the copies were written last; how long each took is not known"
      : `times: every ${intervalMs} ms, as was said; how long each copy took is not known`,
    clearedMs === undefined
      ? "when the soft-dirty bits were cleared was not said: since when pages are dirty is not known"
      : `cleared ${clearedMs} ms before each copy, as was said; a write between a copy and the next ` +
        "clear is in no snapshot",
  ];
  if (pid === undefined) remarks.push("no pid was given; it is recorded as pid 0");
  if (!tellsHugetlb) {
    remarks.push(
      "only a copy of smaps shows which memory is hugetlb: except for /anon_hugepage it would look clean",
    );
  }
  return remarks;
}
