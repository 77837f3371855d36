/**
 * A trace as three tables: its snapshots, the mappings of each, and the runs of dirty pages. Columns have
 * their unit in their names; a value that is not known is null.
 *
 * @module
 */

import { windowOf } from "../../analysis/windows.ts";
import { formatAddress } from "../../core/address.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { Vma } from "../../core/vma.ts";

/** What a row holds. */
export type Cell = string | number | null;

/** One table: its columns, and the rows that a snapshot gives it. */
export interface ExportTable {
  readonly columns: readonly string[];
  readonly rows: (snapshot: Snapshot, host: string) => Iterable<readonly Cell[]>;
}

/** What each row of each table begins with: enough to join them. */
const KEY = ["host", "pid", "command", "snapshot", "readAtUnixMs"] as const;

function keyOf({ process, index, originUnixMs, atNs }: Snapshot, host: string): Cell[] {
  return [host, process.pid, process.command, index, originUnixMs + atNs / 1e6];
}

/** The tables by their names. */
export const EXPORT_TABLES = {
  snapshots: {
    columns: [
      ...KEY,
      ...["atNs", "durationNs", "windowNs", "stoppedNs", "unseenNs", "tracker", "pageSizeBytes"],
      ...["mappedBytes", "populatedBytes", "dirtyBytes", "newBytes", "untrackedBytes"],
    ],
    *rows(snapshot, host) {
      const { atNs, durationNs, stoppedNs, sinceClear, tracker, pageSizeBytes } = snapshot;
      const bytes = ({ pageCount }: { readonly pageCount: number }) => pageCount * pageSizeBytes;
      yield [
        ...keyOf(snapshot, host),
        ...[atNs, durationNs, windowOf(snapshot)?.longestNs ?? null, stoppedNs],
        ...[sinceClear?.unseenNs ?? null, tracker, pageSizeBytes, bytes(snapshot.mapped)],
        snapshot.knows("present") ? bytes(snapshot.populated) : null,
        ...[bytes(snapshot.dirtyPopulated), bytes(snapshot.dirtyUnpopulated)],
        bytes(snapshot.untracked),
      ];
    },
  },
  mappings: {
    columns: [
      ...KEY,
      ...["startAddress", "sizeBytes", "perms", "name", "populatedBytes", "dirtyBytes", "newBytes"],
    ],
    *rows(snapshot, host) {
      const { vmas, pageSizeBytes, populated, dirtyPopulated, dirtyUnpopulated } = snapshot;
      const key = keyOf(snapshot, host);
      const isTold = snapshot.knows("present");
      for (const { start, end, perms, name } of vmas) {
        const bytes = (set: typeof populated) => set.countIn(start, end) * pageSizeBytes;
        yield [
          ...key,
          ...[formatAddress(start, pageSizeBytes), (end - start) * pageSizeBytes, perms, name],
          ...[isTold ? bytes(populated) : null, bytes(dirtyPopulated), bytes(dirtyUnpopulated)],
        ];
      }
    },
  },
  runs: {
    columns: [...KEY, "startAddress", "lengthBytes", "mapping"],
    *rows(snapshot, host) {
      const { dirtyPopulated, vmas, pageSizeBytes } = snapshot;
      const key = keyOf(snapshot, host);
      for (const { vma, start, end } of runsByMapping(dirtyPopulated.edges, vmas)) {
        const lengthBytes = (end - start) * pageSizeBytes;
        yield [...key, formatAddress(start, pageSizeBytes), lengthBytes, vma.name];
      }
    },
  },
} as const satisfies Readonly<Record<string, ExportTable>>;

/** The name of a table. */
export type ExportTableName = keyof typeof EXPORT_TABLES;

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
