/**
 * Finds memory that only smaps distinguishes: hugetlb, and mappings of devices.
 *
 * smaps walks all page tables, so it is read only when a mapping appears that may be of such a kind, and
 * what it says is remembered.
 *
 * @module
 */

import { PageSet } from "../../core/page_set.ts";
import type { Vma } from "../../core/vma.ts";
import { isWritable } from "./mapped_memory.ts";
import type { ProcFs } from "../proc/proc_fs.ts";
import { Seldom } from "../system/seldom.ts";
import type { MappingUsage } from "../proc/smaps.ts";
import type { MonotonicClock } from "../../core/tracker.ts";

/** Mappings of some kinds. */
export interface MappingKinds {
  /** hugetlb memory, for which bit 55 says nothing. */
  readonly hugetlb: PageSet;
  /** Writable mappings of devices (VM_PFNMAP or VM_IO): the kernel reports nothing of their pages. */
  readonly device: PageSet;
}

type Kind = keyof MappingKinds | "plain";

/** The least size and alignment of hugetlb memory on any machine that tracks soft-dirty. */
const HUGETLB_BYTES = 1 << 16;

/** How many mappings are remembered at most. */
const REMEMBERED = 10_000;

/** Finds them, and remembers. */
export class MappingKindFinder {
  readonly #proc: ProcFs;
  readonly #pageSizeBytes: number;
  readonly #onlyDevices: boolean;
  readonly #seldom: Seldom;
  /** Of a mapping, and of the last one of each file. */
  readonly #kinds = new Map<string, Kind>();
  /** What was found of a list of mappings; the list is the same one as long as nothing changes. */
  readonly #found = new WeakMap<readonly Vma[], MappingKinds>();

  /** @param onlyDevices looks for no hugetlb memory */
  constructor(
    proc: ProcFs,
    pageSizeBytes: number,
    nowNs: MonotonicClock,
    onlyDevices = false,
  ) {
    this.#proc = proc;
    this.#onlyDevices = onlyDevices;
    this.#pageSizeBytes = pageSizeBytes;
    this.#seldom = new Seldom(nowNs);
  }

  /**
   * The mappings of these kinds.
   *
   * @param usages what smaps says, if it was read already
   */
  of(pid: number, vmas: readonly Vma[], usages?: readonly MappingUsage[]): MappingKinds {
    const known = this.#found.get(vmas);
    if (known !== undefined) return known;
    const candidates = vmas.filter((vma) => this.#mayBeSpecial(vma));
    if (usages !== undefined) this.#remember(pid, usages);
    if (candidates.some((vma) => this.#kindOf(pid, vma) === undefined)) {
      this.#remember(pid, this.#proc.smaps(pid, this.#pageSizeBytes));
    } else if (candidates.some((vma) => !this.#kinds.has(mappingKey(pid, vma)))) {
      // Mappings of one file are mostly of one kind; drivers that make many come here often.
      this.#seldom.try(() => this.#remember(pid, this.#proc.smaps(pid, this.#pageSizeBytes)));
    }
    const ofKind = (kind: Kind) => candidates.filter((vma) => this.#kindOf(pid, vma) === kind);
    const kinds = {
      hugetlb: PageSet.from(ofKind("hugetlb")),
      device: PageSet.from(ofKind("device").filter(isWritable)),
    };
    this.#found.set(vmas, kinds);
    return kinds;
  }

  #kindOf(pid: number, vma: Vma): Kind | undefined {
    return this.#kinds.get(mappingKey(pid, vma)) ?? this.#kinds.get(fileKey(pid, vma));
  }

  #remember(pid: number, usages: readonly MappingUsage[]): void {
    if (this.#kinds.size > REMEMBERED) this.#kinds.clear();
    for (const { vma, flags } of usages) {
      if (!this.#mayBeSpecial(vma)) continue;
      const kind = flags.has("ht")
        ? "hugetlb"
        : flags.has("pf") || flags.has("io")
        ? "device"
        : "plain";
      this.#kinds.set(mappingKey(pid, vma), kind);
      this.#kinds.set(fileKey(pid, vma), kind);
    }
  }

  #mayBeSpecial(vma: Vma): boolean {
    if (vma.inode === "0") return false;
    return mayBeDevice(vma) || (!this.#onlyDevices && mayBeHugetlb(vma, this.#pageSizeBytes));
  }
}

function mappingKey(pid: number, vma: Vma): string {
  return `${pid} ${vma.start} ${vma.end} ${vma.device} ${vma.inode}`;
}

/** All files without a name of their own have one inode, and differ in what they are called. */
function fileKey(pid: number, { device, inode, name }: Vma): string {
  return `${pid} ${device} ${inode} ${name.startsWith("anon_inode:") ? name : ""}`;
}

/** Mappings of plain files and of memory are not. */
function mayBeDevice(vma: Vma): boolean {
  return isWritable(vma) &&
    /^(\/dev\/(?!shm\/|zero|hugepages)|\/sys\/|\/proc\/|anon_inode:|\/dmabuf|socket:)/
      .test(vma.name);
}

/** hugetlb memory is always of a file, and whole huge pages. Code and libraries rarely are. */
function mayBeHugetlb(vma: Vma, pageSizeBytes: number): boolean {
  const alignment = HUGETLB_BYTES / pageSizeBytes;
  return !vma.perms.includes("x") && vma.perms !== "r--p" &&
    vma.start % alignment === 0 && vma.end % alignment === 0;
}
