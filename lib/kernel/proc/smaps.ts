/**
 * Parses `/proc/PID/smaps`; see proc_pid_smaps(5).
 *
 * @module
 */

import type { Vma } from "../../core/vma.ts";
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
 * @param text the whole file, or pieces of whole lines
 * @throws SyntaxError if a line is not of the form that the kernel prints.
 */
export function parseSmaps(
  text: string | Iterable<Uint8Array>,
  pageSizeBytes: number,
): MappingUsage[] {
  const usages: Array<Counts & { vma: Vma; flags: ReadonlySet<string> }> = [];
  // Few names and sets of flags are those of very many mappings.
  const names = new Map<string, string>();
  const flagSets = new Map<string, ReadonlySet<string>>();
  for (const line of linesOf(text)) {
    const [, field, value] = /^([A-Z]\w*):\s*(.*)$/.exec(line) ?? [];
    const usage = usages[usages.length - 1];
    if (field === undefined) {
      for (const vma of parseMaps(line, pageSizeBytes)) {
        const name = names.get(vma.name) ?? vma.name;
        names.set(name, name);
        const counts = { populatedBytes: 0, swapBytes: 0, hugeBytes: 0 };
        usages.push({ vma: { ...vma, name }, ...counts, flags: NO_FLAGS });
      }
    } else if (field === "VmFlags") {
      const flags = flagSets.get(value) ?? new Set(value.trim().split(" "));
      flagSets.set(value, flags);
      usage.flags = flags;
    } else {
      for (const count of COUNTED[field] ?? []) usage[count] += parseInt(value) * 1024;
    }
  }
  return usages;
}

const NO_FLAGS: ReadonlySet<string> = new Set();

function* linesOf(text: string | Iterable<Uint8Array>): Generator<string, void, void> {
  if (typeof text === "string") yield* text.split("\n");
  else {
    const decoder = new TextDecoder();
    for (const piece of text) yield* decoder.decode(piece).split("\n");
  }
}
