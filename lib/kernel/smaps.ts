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
  /** The two-letter flags of the mapping: `rd`, `wr`, `sd` for soft-dirty, `ht` for hugetlb, ... */
  readonly flags: ReadonlySet<string>;
}

const COUNTED = new Set(["Rss", "Swap", "Shared_Hugetlb", "Private_Hugetlb"]);

/**
 * The mappings in ascending order.
 *
 * @throws SyntaxError if a line is not of the form that the kernel prints.
 */
export function parseSmaps(text: string, pageSizeBytes: number): MappingUsage[] {
  const usages: { vma: Vma; populatedBytes: number; flags: Set<string> }[] = [];
  for (const line of text.split("\n")) {
    const [, field, value] = /^([A-Z]\w*):\s*(.*)$/.exec(line) ?? [];
    if (field === undefined) {
      for (const vma of parseMaps(line, pageSizeBytes)) {
        usages.push({ vma, populatedBytes: 0, flags: new Set() });
      }
    } else if (COUNTED.has(field)) {
      usages[usages.length - 1].populatedBytes += parseInt(value) * 1024;
    } else if (field === "VmFlags") {
      for (const flag of value.trim().split(" ")) usages[usages.length - 1].flags.add(flag);
    }
  }
  return usages;
}
