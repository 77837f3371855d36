/**
 * One mapping (virtual memory area) of a process, as `/proc/PID/maps` shows it.
 *
 * @module
 */

import type { PageNumber } from "./page_set.ts";

/** A mapping of a process; see proc_pid_maps(5). */
export interface Vma {
  /** First page. */
  readonly start: PageNumber;
  /** One past the last page. */
  readonly end: PageNumber;
  /** Four letters: read, write, execute, and `s`hared or `p`rivate, as in `rw-p`. */
  readonly perms: string;
  /** Offset into the mapped object, in pages. */
  readonly offsetPages: number;
  /** Device of the mapped file, `major:minor` in hexadecimal; `00:00` if there is none. */
  readonly device: string;
  /** Inode of the mapped file in decimal. Text, because network file systems use all 64 bits. */
  readonly inode: string;
  /** Path or `[heap]`, `[stack]`, ...; empty for anonymous memory. Hostile: see `plain_text.ts`. */
  readonly name: string;
}

/**
 * True if both map the same memory in the same way, as far as maps shows. For a file, this compares the
 * device, the inode and the part of it; its name can change while it is mapped (`(deleted)`). Anonymous
 * memory has only a name to compare, and can be given one while it is mapped (`[anon:...]`).
 */
export function isSameObject(a: Vma, b: Vma): boolean {
  if (a.perms[3] !== b.perms[3] || a.inode !== b.inode || a.device !== b.device) return false;
  if (a.inode !== "0") return a.offsetPages - a.start === b.offsetPages - b.start;
  return kindOfName(a.name) === kindOfName(b.name);
}

function kindOfName(name: string): string {
  return name.startsWith("[anon") ? "" : name;
}

/** How many pages a mapping spans, populated or not. */
export function vmaPageCount(vma: Vma): number {
  return vma.end - vma.start;
}
