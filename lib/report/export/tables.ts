/**
 * A trace as three tables: its snapshots, the mappings of each, and the runs of dirty pages. Columns have
 * their unit in their names; a value that is not known is null. `lib/tables/TABLES.md` says what each
 * of them means.
 *
 * @module
 */

import { basename } from "node:path";
import { windowOf } from "../../analysis/windows.ts";
import { coverageOf } from "../../core/coverage.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Vma } from "../../core/vma.ts";
import type { TraceReader } from "../../trace/reader.ts";

/** What a row holds. */
export type Cell = string | number | null;

/**
 * What a column holds. An address is one of bytes: exact as a number, since the last twelve bits or more
 * of the border of a page are 0; but not below 2^63.
 */
export type CellType = "text" | "integer" | "number" | "address";

/** The columns of a table, in their order. */
export type Columns = Readonly<Record<string, CellType>>;

/** Where the rows come from. */
export interface TableOrigin {
  readonly host: string;
  /** The name of the trace. */
  readonly trace: string;
  readonly kernelRelease: string;
  readonly arch: string;
}

/** Where the rows of a trace come from: its header, and the name of its file. */
export function originOf({ header, name }: TraceReader): TableOrigin {
  const { hostname: host, kernelRelease, arch } = header.host;
  return { host, trace: traceStem(name), kernelRelease, arch };
}

/** The name of a file without what all traces end with. */
export function traceStem(file: string): string {
  return basename(file).replace(/\.sdtrace$/, "");
}

/** One table: its columns, and the rows that a snapshot gives it. */
export interface ExportTable {
  readonly columns: Columns;
  readonly rows: (snapshot: Snapshot, origin: TableOrigin) => Iterable<readonly Cell[]>;
}

/** What each row of each table begins with: enough to join them. */
const KEY = {
  host: "text",
  trace: "text",
  pid: "integer",
  command: "text",
  snapshot: "integer",
  readAtUnixMs: "number",
} as const satisfies Columns;

function keyOf(
  { process, index, originUnixMs, atNs }: Snapshot,
  { host, trace }: TableOrigin,
): Cell[] {
  return [host, trace, process.pid, process.command, index, originUnixMs + atNs / 1e6];
}

const SNAPSHOTS: ExportTable = {
  columns: {
    ...KEY,
    atNs: "number",
    durationNs: "number",
    clearedAtNs: "number",
    windowNs: "number",
    stoppedNs: "number",
    unseenNs: "number",
    startTimeTicks: "integer",
    tracker: "text",
    kernelRelease: "text",
    arch: "text",
    pageSizeBytes: "integer",
    mappedBytes: "integer",
    populatedBytes: "integer",
    dirtyBytes: "integer",
    newBytes: "integer",
    untrackedBytes: "integer",
    untrackedReasons: "text",
    writableBytes: "integer",
    leastDirtyBytes: "integer",
    reclaimableBytes: "integer",
    reclaimedPages: "integer",
    mergeableBytes: "integer",
    deviceWritableBytes: "integer",
    droppedBytes: "integer",
  },
  *rows(snapshot, origin) {
    const { atNs, durationNs, stoppedNs, sinceClear, tracker, pageSizeBytes } = snapshot;
    const bytes = ({ pageCount }: { readonly pageCount: number }) => pageCount * pageSizeBytes;
    const coverage = coverageOf(snapshot);
    yield [
      ...keyOf(snapshot, origin),
      ...[atNs, durationNs, sinceClear?.atNs ?? null, windowOf(snapshot)?.longestNs ?? null],
      ...[stoppedNs, sinceClear?.unseenNs ?? null, snapshot.process.startTimeTicks],
      ...[tracker, origin.kernelRelease, origin.arch, pageSizeBytes, bytes(snapshot.mapped)],
      snapshot.knows("present") ? bytes(snapshot.populated) : null,
      ...[bytes(snapshot.dirtyPopulated), bytes(snapshot.dirtyUnpopulated)],
      bytes(snapshot.untracked),
      coverage.untracked.map(({ reason }) => reason).join(" "),
      coverage.writablePages * pageSizeBytes,
      coverage.leastWrittenPages * pageSizeBytes,
      coverage.reclaimablePages * pageSizeBytes,
      coverage.reclaimedPages,
      coverage.mergeablePages * pageSizeBytes,
      coverage.deviceWritablePages * pageSizeBytes,
      coverage.droppedPages === null ? null : coverage.droppedPages * pageSizeBytes,
    ];
  },
};

const MAPPINGS: ExportTable = {
  columns: {
    ...KEY,
    startAddress: "address",
    sizeBytes: "integer",
    perms: "text",
    name: "text",
    populatedBytes: "integer",
    dirtyBytes: "integer",
    newBytes: "integer",
    untrackedBytes: "integer",
  },
  *rows(snapshot, origin) {
    const { vmas, pageSizeBytes, populated, dirtyPopulated, dirtyUnpopulated, untracked } =
      snapshot;
    const key = keyOf(snapshot, origin);
    const isRecorded = snapshot.knows("present");
    for (const { start, end, perms, name } of vmas) {
      const bytes = (set: typeof populated) => set.countIn(start, end) * pageSizeBytes;
      yield [
        ...key,
        ...[start * pageSizeBytes, (end - start) * pageSizeBytes, perms, name],
        ...[isRecorded ? bytes(populated) : null, bytes(dirtyPopulated), bytes(dirtyUnpopulated)],
        bytes(untracked),
      ];
    }
  },
};

const RUNS: ExportTable = {
  columns: { ...KEY, startAddress: "address", lengthBytes: "integer", mapping: "text" },
  *rows(snapshot, origin) {
    const { dirtyPopulated, vmas, pageSizeBytes } = snapshot;
    const key = keyOf(snapshot, origin);
    for (const { vma, start, end } of runsByMapping(dirtyPopulated.edges, vmas)) {
      yield [...key, start * pageSizeBytes, (end - start) * pageSizeBytes, vma.name];
    }
  },
};

/** The tables by their names. */
export const EXPORT_TABLES = { snapshots: SNAPSHOTS, mappings: MAPPINGS, runs: RUNS } as const;

/** The name of a table. */
export type ExportTableName = keyof typeof EXPORT_TABLES;

/** Their names. */
export const EXPORT_TABLE_NAMES = ["snapshots", "mappings", "runs"] as const;

/** Runs, cut where mappings end; both ascend. */
function* runsByMapping(edges: Float64Array, vmas: readonly Vma[]) {
  let next = 0;
  for (let i = 0; i < edges.length; i += 2) {
    while (next < vmas.length && vmas[next].end <= edges[i]) next++;
    for (let j = next; j < vmas.length && vmas[j].start < edges[i + 1]; j++) {
      const start = Math.max(edges[i], vmas[j].start);
      const end = Math.min(edges[i + 1], vmas[j].end);
      yield { vma: vmas[j], start, end };
    }
  }
}
