/**
 * CRIU's mappings as `/proc/PID/maps` would show them, and which of them its images do not cover.
 *
 * @module
 */

import { PageSet } from "../../core/page_set.ts";
import type { Vma } from "../../core/vma.ts";
import { type DumpedMapping, MAPPING_STATUS as IS } from "./mm_image.ts";

const MAP_SHARED = 0x1;
const MAP_GROWSDOWN = 0x100;
const MAP_HUGETLB = 0x40000;

/** What is in no image of a process, or is there whether it was written or not. */
const LEFT_OUT = IS.aioRing | IS.vvar | IS.vsyscall | IS.systemVShared | IS.socket | IS.uprobes |
  IS.plugin;

/** Pages between which nothing was dumped, and which are taken for one mapping all the same. */
const BRIDGED_PAGES = 512;

/** The name of a mapping that is in no image. */
const UNKNOWN_MAPPING = "[unknown]";

/** A mapping as maps would show it. Devices and inodes are in no image. */
export function toVma(mapping: DumpedMapping, names: ReadonlyMap<number, string>): Vma {
  const { start, end, offsetPages, prot, flags } = mapping;
  const letters = ["r", "w", "x"].map((letter, i) => (prot & (1 << i)) !== 0 ? letter : "-");
  const perms = [...letters, (flags & MAP_SHARED) !== 0 ? "s" : "p"].join("");
  const name = nameOf(mapping, names);
  return { start, end, perms, offsetPages, device: "00:00", inode: "0", name };
}

function nameOf({ status, flags, objectId }: DumpedMapping, names: ReadonlyMap<number, string>) {
  if ((status & IS.vdso) !== 0) return "[vdso]";
  if ((status & IS.vvar) !== 0) return "[vvar]";
  if ((status & IS.vsyscall) !== 0) return "[vsyscall]";
  if ((status & IS.uprobes) !== 0) return "[uprobes]";
  if ((status & IS.heap) !== 0) return "[heap]";
  if ((status & IS.stack) !== 0 || (flags & MAP_GROWSDOWN) !== 0) return "[stack]";
  if ((status & IS.aioRing) !== 0) return "/[aio] (deleted)";
  if ((status & IS.systemVShared) !== 0) return "/SYSV (deleted)";
  if ((status & IS.socket) !== 0) return "socket:";
  if ((status & (IS.filePrivate | IS.fileShared)) !== 0) return names.get(objectId) ?? "";
  return (status & IS.anonymousShared) !== 0 ? "/dev/zero (deleted)" : "";
}

/**
 * True if the pages that were written in a mapping are in the image of the process. Shared memory has
 * images of its own, which do not say who wrote to it, or none; the kernel writes to rings of aio
 * without a trace; the kernel's own pages are never dumped.
 */
export function isWatched({ status }: DumpedMapping): boolean {
  const isPrivate = (status & (IS.anonymousPrivate | IS.filePrivate)) !== 0;
  return (status & IS.regular) !== 0 && isPrivate && (status & LEFT_OUT) === 0;
}

/** True for a ring of aio(7), into which the kernel writes. */
export function isAioRing({ status }: DumpedMapping): boolean {
  return (status & IS.aioRing) !== 0;
}

/** True if a process may read it; where it may not, CRIU does not always look at its pages. */
export function isReadable({ prot }: DumpedMapping): boolean {
  return (prot & 1) !== 0;
}

/** True for hugetlb memory, which soft-dirty does not cover. */
export function isHugetlb({ flags }: DumpedMapping): boolean {
  return (flags & MAP_HUGETLB) !== 0;
}

/** The mappings, and made-up ones for pages that lie in none of them. */
export function withUnknown(vmas: readonly Vma[], pages: PageSet): Vma[] {
  const outside = pages.subtract(PageSet.from(vmas));
  if (outside.isEmpty) return [...vmas];
  const made: Array<{ start: number; end: number }> = [];
  let next = 0;
  for (const { start, end } of outside.runs()) {
    const last = made[made.length - 1];
    while (next < vmas.length && vmas[next].end <= start) next++;
    const isApart = last === undefined || start - last.end > BRIDGED_PAGES ||
      next > 0 && vmas[next - 1].start >= last.end;
    if (isApart) made.push({ start, end });
    else last.end = end;
  }
  const rest = { perms: "rw-p", offsetPages: 0, device: "00:00", inode: "0" };
  const unknown = made.map((range) => ({ ...range, ...rest, name: UNKNOWN_MAPPING }));
  return [...vmas, ...unknown].sort((a, b) => a.start - b.start);
}
