/**
 * Makes a trace of CRIU's images: a snapshot for each dump and process.
 *
 * A dump writes the pages that were soft-dirty since the one before, and clears the bits while the
 * processes are still stopped. So each dump but the first is a read, measured from the clear in the
 * dump before it, and no write is lost between the two.
 *
 * @module
 */

import { TrackingUnsupportedError } from "../core/errors.ts";
import { type ClearEvent, Snapshot, UNKNOWN_CONDITIONS } from "../core/snapshot.ts";
import type { TraceWriter } from "../trace/writer.ts";
import { criuChain } from "./criu_chain.ts";
import { CriuDump, type PageCounts } from "./criu_dump.ts";
import { dumpedProcess, identityOf, TOLD_BY_CRIU } from "./criu_processes.ts";
import { type DumpTimes, dumpTimes } from "./criu_times.ts";
import { criuRemarks } from "./criu_remarks.ts";
import { assertImportable } from "./import_errors.ts";
import { foreignHeader, writeMarks, writeNewTrace } from "../files/new_trace.ts";

/** What images do not have. */
export interface CriuOptions {
  /** 4096 if it is not given. */
  readonly pageSizeBytes?: number | undefined;
  /** From one dump to the next; without it, what the images have. */
  readonly intervalMs?: number | undefined;
  /** Replace a file that is there, once the new one is whole. */
  readonly force?: boolean | undefined;
}

/** What was imported. */
export interface ImportedTrace {
  /** Snapshots in the new trace. */
  readonly snapshotCount: number;
  /** Processes that the snapshots are of. */
  readonly processCount: number;
  /** What the trace says of itself, in its first marks. */
  readonly remarks: readonly string[];
}

/**
 * Writes a trace of a chain of dumps.
 *
 * @param folders the newest dump, whose `parent` links are followed; or all dumps, oldest first
 * @param output the new trace, or `-` for standard output
 * @throws ImportError if an image cannot be read
 * @throws TrackingUnsupportedError if no dump shows that writes were tracked
 * @throws TraceError if the trace exists or cannot be written; in each case there is none then
 */
export function importCriu(
  folders: readonly string[],
  output: string,
  { pageSizeBytes = 4096, intervalMs, force }: CriuOptions = {},
): ImportedTrace {
  assertImportable(folders.length, pageSizeBytes);
  const dumps = criuChain(folders).map((folder) => new CriuDump(folder, pageSizeBytes));
  const counted = dumps.map((dump) => dump.countPages()); // before anything is written
  assertTracked(dumps, counted);
  const times = dumpTimes(dumps, intervalMs);
  const header = foreignHeader({
    source: "CRIU's images",
    originUnixMs: times.originUnixMs,
    arch: archOf(dumps),
    pageSizeBytes,
    evidence: [
      { action: "clear", expectedDirty: false, foundDirty: false },
      { action: "write", expectedDirty: true, foundDirty: true },
    ],
    reason: "CRIU tracked with it: a dump has both pages that were written since the dump before " +
      "it and pages that were not; softdirty did not try this kernel",
  });
  return writeNewTrace(output, header, (writer) => {
    const remarks = criuRemarks(dumps, counted, times.clock);
    writeMarks(writer, remarks);
    let snapshotCount = 0;
    for (let i = 0; i < dumps.length; i++) {
      writeDump(writer, dumps, counted, times, i);
      snapshotCount += dumps[i].pids.length;
    }
    const processCount = new Set(dumps.flatMap(({ pids }) => pids)).size;
    return { snapshotCount, processCount, remarks };
  }, force);
}

/**
 * Passes if some dump has both pages that were dirty and pages that were not. A kernel without
 * soft-dirty can show one of them at most.
 */
function assertTracked(
  dumps: readonly CriuDump[],
  counted: readonly ReadonlyMap<number, PageCounts>[],
): void {
  const all = counted.flatMap((processes) => [...processes.values()]);
  if (all.some(({ writtenCount, inParentCount }) => writtenCount > 0 && inParentCount > 0)) return;
  throw new TrackingUnsupportedError(
    all.every(({ inParentCount }) => inParentCount === 0)
      ? `Nothing was left to a parent in ${
        dumps.length === 1 ? "this dump" : `these ${dumps.length} dumps`
      }: all pages are in, written or not`
      : "No page was written in any of these dumps: this may be so, or writes were not seen",
    "Dump at least twice, with --track-mem, and the second time with --prev-images-dir",
  );
}

function archOf(dumps: readonly CriuDump[]): string {
  for (const dump of dumps.toReversed()) {
    for (const pid of dump.pids) {
      const core = dump.core(pid);
      if (core !== undefined) return core.arch;
    }
  }
  return "unknown";
}

/**
 * True if a dump has of a process what changed since the dump before, which had cleared the bits. If it
 * leaves no page to the parent, it can be another process with the same pid; and a dump that did not
 * track memory, as the missing uptime shows, cleared nothing.
 */
function isMeasured(
  dumps: readonly CriuDump[],
  counted: readonly ReadonlyMap<number, PageCounts>[],
  number: number,
  pid: number,
): boolean {
  const [before, now] = [dumps[number - 1].inventory, dumps[number].inventory];
  return counted[number].get(pid)!.inParentCount > 0 && counted[number - 1].has(pid) &&
    (before.uptimeUs !== null || now.uptimeUs === null);
}

/** Appends the snapshots of one dump, after the clears in the dump before that they are measured from. */
function writeDump(
  writer: TraceWriter,
  dumps: readonly CriuDump[],
  counted: readonly ReadonlyMap<number, PageCounts>[],
  { times, originUnixMs }: DumpTimes,
  number: number,
): void {
  const [dump, time] = [dumps[number], times[number]];
  const before = number > 0 ? times[number - 1] : undefined;
  const clears = new Map<number, ClearEvent>();
  for (const pid of dump.pids) {
    if (before === undefined || !isMeasured(dumps, counted, number, pid)) continue;
    const process = identityOf(dumps, number - 1, pid);
    const cleared = { unseenNs: 0, stoppedNs: 0, vmas: null };
    const clear: ClearEvent = { type: "clear", process, ...before, ...cleared };
    writer.clear(clear);
    clears.set(pid, clear);
  }
  for (const pid of dump.pids) {
    const { vmas, pages } = dumpedProcess(dumps, number, pid);
    writer.read(
      new Snapshot({
        process: identityOf(dumps, number, pid),
        pageSizeBytes: dump.pageSizeBytes,
        vmas,
        pages,
        tracker: "soft-dirty",
        readBy: "pagemap",
        known: TOLD_BY_CRIU,
        conditions: UNKNOWN_CONDITIONS,
        ...time,
        stoppedNs: time.durationNs,
        sinceClear: clears.get(pid) ?? null,
        originUnixMs,
        index: 0,
      }),
    );
  }
  for (const pid of dumps[number - 1]?.pids ?? []) {
    if (!counted[number].has(pid)) {
      writer.note({ type: "exit", pid, reason: "process-exited", atNs: time.atNs });
    }
  }
}
