/**
 * The options that choose how a live process is tracked.
 *
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import type { ProcessGroup } from "../session/source.ts";

/** `--tracker`. */
export function trackerOption() {
  return new Option("--tracker <tracker>", "how to track (softdirty help trackers explains it)")
    .choices(["auto", "soft-dirty", "uffd-wp"] as const)
    .default("auto" as const);
}

/** `--keep-huge`. */
export function keepHugeOption() {
  return new Option(
    "--keep-huge",
    "with uffd-wp: do not track mappings with huge pages, which it splits",
  );
}

/** `--freeze`. */
export function freezeOption() {
  return new Option(
    "--freeze",
    "stop the target around each read and clear, so that no write is lost in between",
  );
}

/** `--force`. */
export function forceOption() {
  return new Option(
    "--force",
    "track a process that is refused because it, or another program, uses the same bits",
  );
}

/** `--careful`. */
export function carefulOption() {
  return new Option(
    "--careful",
    "with soft-dirty: refuse a process whose bits another tool can depend on, as CRIU between two dumps",
  ).conflicts("force");
}

/** What `--tracker auto` looks at before it chooses: the processes that are there. */
export function trackedAtStart({ pid, children, cgroup }: {
  readonly pid?: number | undefined;
  readonly children?: true | undefined;
  readonly cgroup?: string | undefined;
}): (number | ProcessGroup)[] {
  if (cgroup !== undefined) return [{ cgroup }];
  if (pid === undefined) return [];
  return [children ? { treeOf: pid } : pid];
}
