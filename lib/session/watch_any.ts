/**
 * Watches one process or a group of them, as the options say.
 *
 * @module
 */

import type { Snapshot } from "../core/snapshot.ts";
import type { SnapshotSource } from "./source.ts";
import { watch, type WatchOptions } from "./watch.ts";
import { watchGroup } from "./watch_group.ts";

/** @param pid is asked for the process, or the root of its tree; a control group needs none */
export function watchAny(
  source: SnapshotSource,
  pid: () => number,
  options: WatchOptions,
): AsyncGenerator<Snapshot, void, void> {
  if (options.cgroup !== undefined) {
    return watchGroup(source, { cgroup: options.cgroup }, options);
  }
  const root = pid();
  return options.children
    ? watchGroup(source, { treeOf: root }, options)
    : watch(source, root, options);
}
