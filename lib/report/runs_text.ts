/**
 * Runs of pages as lines, for people and for tools that take columns.
 *
 * @module
 */

import { formatAddress } from "../core/address.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { mappingName } from "./snapshot_text.ts";

/**
 * The dirty pages that exist, a line for each run within a mapping: snapshot, address, page count,
 * mapping.
 */
export function* runLines(snapshot: Snapshot): Generator<string, void, void> {
  const { vmas, pageSizeBytes } = snapshot;
  let i = 0;
  for (const run of snapshot.dirtyPopulated.runs()) {
    while (i < vmas.length && vmas[i].end <= run.start) i++;
    for (let j = i; j < vmas.length && vmas[j].start < run.end; j++) {
      const start = Math.max(run.start, vmas[j].start);
      const end = Math.min(run.end, vmas[j].end);
      const address = formatAddress(start, pageSizeBytes);
      yield `${snapshot.index}\t${address}\t${end - start}\t${mappingName(vmas[j].name)}`;
    }
  }
}
