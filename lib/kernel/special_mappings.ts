/**
 * Finds mappings that are not to be read like others: vast reservations, and hugetlb memory.
 *
 * Runtimes reserve address space by the gigabyte (Deno 16 GiB, sanitizers 16 TiB), and pagemap has an
 * entry for each page of it, at some 10 ns. smaps skips holes, but pays for each page that is there; so
 * it is asked only where the reservations are much larger than the memory, or where a mapping may be
 * hugetlb.
 *
 * @module
 */

import { PageSet } from "../core/page_set.ts";
import { type Vma, vmaPageCount } from "../core/vma.ts";
import type { ProcFs } from "./proc_fs.ts";
import type { MappingUsage } from "./smaps.ts";

/** A mapping of so many pages is vast: 1 GiB in pages of 4 KiB. */
const VAST_PAGES = 1 << 18;

/** smaps pays when vast mappings span so many times the pages that are resident. */
const WORTHWHILE = 16;

/** The least size and alignment of hugetlb memory on any machine that tracks soft-dirty. */
const HUGETLB_BYTES = 1 << 16;

/** Mappings to be treated apart. */
export interface SpecialMappings {
  /** Vast reservations that hold nothing, which need not be read. */
  readonly empty: PageSet;
  /** Those of them that are new (VM_SOFTDIRTY): pagemap would report bit 55 throughout. */
  readonly emptyNew: PageSet;
  /** hugetlb memory, for which bit 55 says nothing. */
  readonly hugetlb: PageSet;
}

/** How many mappings are remembered at most. */
const REMEMBERED = 10_000;

/** Finds them, and remembers which mappings are hugetlb, since that does not change. */
export class SpecialMappingFinder {
  readonly #proc: ProcFs;
  readonly #pageSizeBytes: number;
  readonly #isHugetlb = new Map<string, boolean>();

  constructor(proc: ProcFs, pageSizeBytes: number) {
    this.#proc = proc;
    this.#pageSizeBytes = pageSizeBytes;
  }

  /**
   * Looks at the mappings of a process. Only reservations that may not be touched (`---p`) are passed
   * over as empty: elsewhere a page of zeros that was only read is present, and smaps does not count it.
   */
  find(pid: number, vmas: readonly Vma[]): SpecialMappings {
    const vast = vmas.filter((vma) => isReservation(vma) && vmaPageCount(vma) >= VAST_PAGES);
    const vastPages = vast.reduce((sum, vma) => sum + vmaPageCount(vma), 0);
    const isVast = vast.length > 0 && vastPages >= WORTHWHILE * this.#proc.residentPages(pid);
    const usages = isVast ? this.#proc.smaps(pid, this.#pageSizeBytes) : undefined;
    const empty = (usages ?? []).filter(({ vma, populatedBytes }) =>
      populatedBytes === 0 && vast.some((one) => one.start === vma.start && one.end === vma.end)
    );
    return {
      empty: PageSet.from(empty.map((usage) => usage.vma)),
      emptyNew: PageSet.from(
        empty.filter((usage) => usage.flags.has("sd")).map((usage) => usage.vma),
      ),
      hugetlb: this.hugetlb(pid, vmas, usages),
    };
  }

  /** The hugetlb memory alone. `usages` is what smaps says, if that was read already. */
  hugetlb(pid: number, vmas: readonly Vma[], usages?: readonly MappingUsage[]): PageSet {
    const candidates = vmas.filter((vma) => mayBeHugetlb(vma, this.#pageSizeBytes));
    if (candidates.some((vma) => !this.#isHugetlb.has(keyOf(pid, vma)))) {
      this.#remember(pid, usages ?? this.#proc.smaps(pid, this.#pageSizeBytes));
    }
    return PageSet.from(candidates.filter((vma) => this.#isHugetlb.get(keyOf(pid, vma))));
  }

  #remember(pid: number, usages: readonly MappingUsage[]): void {
    if (this.#isHugetlb.size > REMEMBERED) this.#isHugetlb.clear();
    for (const { vma, flags } of usages) {
      if (mayBeHugetlb(vma, this.#pageSizeBytes)) {
        this.#isHugetlb.set(keyOf(pid, vma), flags.has("ht"));
      }
    }
  }
}

function keyOf(pid: number, vma: Vma): string {
  return `${pid} ${vma.start} ${vma.end} ${vma.device} ${vma.inode}`;
}

function isReservation(vma: Vma): boolean {
  return vma.perms.startsWith("---") && vma.inode === "0";
}

/** hugetlb memory is always of a file, and whole huge pages. Code and libraries rarely are. */
function mayBeHugetlb(vma: Vma, pageSizeBytes: number): boolean {
  const alignment = HUGETLB_BYTES / pageSizeBytes;
  return vma.inode !== "0" && !vma.perms.includes("x") && vma.perms !== "r--p" &&
    vma.start % alignment === 0 && vma.end % alignment === 0;
}
