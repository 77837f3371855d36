/**
 * Finds mappings that are not to be read like others: vast reservations, hugetlb memory, devices.
 *
 * Runtimes reserve address space by the gigabyte (Deno 16 GiB, sanitizers 16 TiB), and pagemap has an
 * entry for each page of it, at some 10 ns. smaps skips holes, but pays for each page that is there; so
 * it is asked only where the reservations are much larger than the memory, or where a mapping may be
 * of a kind that it alone shows.
 *
 * @module
 */

import { PageSet } from "../../core/page_set.ts";
import { type Vma, vmaPageCount } from "../../core/vma.ts";
import { MappingKindFinder, type MappingKinds } from "./mapping_kinds.ts";
import type { ProcFs } from "../proc/proc_fs.ts";
import type { MappingUsage } from "../proc/smaps.ts";
import type { MonotonicClock } from "../../core/tracker.ts";

/** A mapping of so many pages is vast: 1 GiB in pages of 4 KiB. */
const VAST_PAGES = 1 << 18;

/** smaps pays when vast mappings span so many times the pages that are resident. */
const WORTHWHILE = 16;

/** Mappings to be treated apart. */
export interface SpecialMappings extends MappingKinds {
  /** Vast reservations that hold nothing, which need not be read. */
  readonly empty: PageSet;
  /** Those of them that are new (VM_SOFTDIRTY): pagemap would report bit 55 throughout. */
  readonly emptyNew: PageSet;
}

/** Finds them. */
export class MappingClassifier {
  readonly #proc: ProcFs;
  readonly #pageSizeBytes: number;
  readonly #kinds: MappingKindFinder;

  constructor(proc: ProcFs, pageSizeBytes: number, nowNs: MonotonicClock) {
    this.#proc = proc;
    this.#pageSizeBytes = pageSizeBytes;
    this.#kinds = new MappingKindFinder(proc, pageSizeBytes, nowNs);
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
      ...this.kinds(pid, vmas, usages),
    };
  }

  /** hugetlb memory and that of devices alone. `usages` is what smaps says, if that was read already. */
  kinds(pid: number, vmas: readonly Vma[], usages?: readonly MappingUsage[]): MappingKinds {
    return this.#kinds.of(pid, vmas, usages);
  }
}

function isReservation(vma: Vma): boolean {
  return vma.perms.startsWith("---") && vma.inode === "0";
}
