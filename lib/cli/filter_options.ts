/**
 * The options that narrow snapshots, the same on each command that has them.
 *
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import type { SnapshotFilter } from "../core/filter.ts";
import { parseHexAddress, parsePerms, parseSizeBytes } from "./arguments.ts";

/** The options, in the order in which help shows them. */
export const FILTER_OPTIONS = {
  mapping: new Option(
    "--mapping <pattern>",
    "keep mappings of this name; * and ? stand for any text",
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
  readonly mapping?: string | undefined;
  readonly perms?: string | undefined;
  readonly minAddress?: string | undefined;
  readonly maxAddress?: string | undefined;
  readonly minSize?: number | undefined;
}

/** The conditions that were given. */
export function toFilter(options: FilterOptions): SnapshotFilter {
  const { mapping, perms, minAddress, maxAddress, minSize: minSizeBytes } = options;
  const given = Object.entries({ mapping, perms, minAddress, maxAddress, minSizeBytes })
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}
