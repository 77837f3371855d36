/**
 * Parses `/proc/PID/smaps`; see proc_pid_smaps(5).
 *
 * @module
 */

import type { Vma } from "../core/vma.ts";
import { parseMaps } from "./maps.ts";

/** A mapping with what the kernel counted in it. */
export interface MappingUsage {
  readonly vma: Vma;
  /** Bytes in RAM or in swap. */
  readonly populatedBytes: number;
  readonly swapBytes: number;
  /** Bytes mapped as huge pages: transparent ones, of any kind of memory. */
  readonly hugeBytes: number;
  /** The two-letter flags of the mapping: `rd`, `wr`, `sd` for soft-dirty, `ht` for hugetlb, ... */
  readonly flags: ReadonlySet<string>;
}

type Counts = Record<"populatedBytes" | "swapBytes" | "hugeBytes", number>;

/** Which counts a line adds to. */
const COUNTED: Readonly<Record<string, ReadonlyArray<keyof Counts>>> = {
  Rss: ["populatedBytes"],
  Swap: ["populatedBytes", "swapBytes"],
  Shared_Hugetlb: ["populatedBytes"],
  Private_Hugetlb: ["populatedBytes"],
  AnonHugePages: ["hugeBytes"],
  ShmemPmdMapped: ["hugeBytes"],
  FilePmdMapped: ["hugeBytes"],
};

/**
 * The mappings in ascending order.
 *
 * @throws SyntaxError if a line is not of the form that the kernel prints.
 */
export function parseSmaps(text: string, pageSizeBytes: number): MappingUsage[] {
  const usages: Array<Counts & { vma: Vma; flags: Set<string> }> = [];
  for (const line of text.split("\n")) {
    const [, field, value] = /^([A-Z]\w*):\s*(.*)$/.exec(line) ?? [];
    const usage = usages[usages.length - 1];
    if (field === undefined) {
      for (const vma of parseMaps(line, pageSizeBytes)) {
        usages.push({ vma, populatedBytes: 0, swapBytes: 0, hugeBytes: 0, flags: new Set() });
      }
    } else if (field === "VmFlags") {
      for (const flag of value.trim().split(" ")) usage.flags.add(flag);
    } else {
      for (const count of COUNTED[field] ?? []) usage[count] += parseInt(value) * 1024;
    }
  }
  return usages;
}
