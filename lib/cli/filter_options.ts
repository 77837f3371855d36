/**
 * The options that narrow snapshots, the same on each command that has them.
 *
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import type { SnapshotFilter } from "../core/filter.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { SnapshotSeries } from "../core/untracked_process.ts";
import { parseHexAddress, parsePerms, parseSizeBytes } from "./arguments.ts";

/** Text that help shows below the options of each command that has them. */
export const EXPRESSION_HELP = `
An expression is made of conditions, "and", "or", "not" and parentheses:
  mapping ~ "redis|heap" and perms has w and size >= 2MiB and not reason == new-mapping
Fields: mapping (== != with * and ?; ~ !~ with a regular expression), perms (has, ==),
size, address (in A..B, <, >=), page (has dirty, present, swapped, huge, ...),
reason (written, new-mapping, huge-page, moved, dropped), pid, command, time, snapshot.
A range A..B is from A to before B.`;

/** The options, in the order in which help shows them. */
export const FILTER_OPTIONS = {
  expression: new Option(
    "-e, --expression <text>",
    "keep only what matches the expression (see below)",
  ),
  mapping: new Option(
    "--mapping <pattern>",
    "keep mappings with this name; * and ? match any text",
  ),
  perms: new Option("--perms <letters>", "keep mappings with these permissions").argParser(
    parsePerms,
  ),
  minAddress: new Option("--min-address <hex>", "keep pages from this address on")
    .argParser(parseHexAddress),
  maxAddress: new Option("--max-address <hex>", "keep pages before this address")
    .argParser(parseHexAddress),
  minSize: new Option("--min-size <bytes>", "keep mappings of at least this size")
    .argParser(parseSizeBytes),
} as const;

/** What those options parse to. */
export interface FilterOptions {
  readonly expression?: string | undefined;
  readonly mapping?: string | undefined;
  readonly perms?: string | undefined;
  readonly minAddress?: string | undefined;
  readonly maxAddress?: string | undefined;
  readonly minSize?: number | undefined;
}

/** Narrows a snapshot as was asked for. */
export type Filter = (snapshot: Snapshot) => Snapshot;

/** What was asked for, ready to be applied: all conditions have to be met. */
export async function toFilter(options: FilterOptions): Promise<Filter> {
  const { expression, mapping, perms, minAddress, maxAddress, minSize: minSizeBytes } = options;
  const given = Object.entries({ mapping, perms, minAddress, maxAddress, minSizeBytes })
    .filter(([, value]) => value !== undefined);
  const conditions: SnapshotFilter = Object.fromEntries(given);
  const { conditionsFilter } = await import("../core/filter.ts");
  const select = conditionsFilter(conditions);
  if (expression === undefined) return select;
  const { Query } = await import("../query/query.ts");
  const query = new Query(expression);
  return (snapshot) => select(query.apply(snapshot));
}

/** The same of all snapshots of a trace, for measures. */
export async function toFilterEach(
  { expression }: Pick<FilterOptions, "expression">,
): Promise<(snapshots: SnapshotSeries) => SnapshotSeries> {
  if (expression === undefined) return (snapshots) => snapshots;
  const { filterSnapshots } = await import("../query/filter.ts");
  const { Query } = await import("../query/query.ts");
  const query = new Query(expression);
  return (snapshots) => filterSnapshots(snapshots, query);
}

/** The same in words, for a trace that says how it came to be. */
export function describeFilter(
  options: FilterOptions & {
    readonly pid?: number | undefined;
    readonly snapshot?: number | undefined;
  },
): string {
  const { expression, mapping, perms, minAddress, maxAddress, minSize, pid, snapshot } = options;
  const given = Object.entries({ pid, snapshot, mapping, perms, minAddress, maxAddress, minSize })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${value}`);
  return [...given, ...expression === undefined ? [] : [expression]].join(", ") || "nothing";
}
