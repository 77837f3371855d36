/**
 * Where frames can lie in a process without being in anyone's way.
 *
 * @module
 */

import type { Vma } from "../core/vma.ts";
import { FRAME_ALIGNMENT } from "./machine.ts";
import { ENTRY_BYTES, PagemapScanner } from "./pagemap.ts";
import type { ProcFs } from "./proc_fs.ts";

/** Room for one frame; the largest has the tiles of AMX. */
export const FRAME_ROOM_BYTES = 16 << 10;

/**
 * How far below the stack pointer the helper thread's frame lies. While we live, the first thread
 * stands still; if we die just then, it may use its stack in the microseconds until the helper exits.
 */
const DISTANCE_BYTES = 96 << 10;

/** Addresses of the two frames. */
export interface FramePlaces {
  readonly leader: number;
  readonly helper: number;
}

/** The first thread's stack: addresses. */
export interface StackView {
  readonly start: number;
  readonly end: number;
  /** The first address that was ever touched; known if the thread runs on another stack. */
  readonly touched: number;
}

/**
 * Below the stack pointer, where any signal handler would put its frame too. If the first thread runs
 * on another stack (a goroutine, a coroutine, a handler with a stack of its own), below all that its
 * own stack ever held. Writing there lets the stack grow, if need be.
 */
export function framePlaces(
  stack: StackView,
  stackPointer: number,
  redZoneBytes: number,
): FramePlaces {
  const top = isOn(stack, stackPointer) ? stackPointer - redZoneBytes : stack.touched;
  const leader = align(top - FRAME_ROOM_BYTES);
  return { leader, helper: align(leader - DISTANCE_BYTES) };
}

function align(address: number): number {
  return Math.floor(address / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
}

function isOn(stack: Omit<StackView, "touched">, address: number): boolean {
  return address > stack.start && address <= stack.end;
}

/**
 * The stack of a process's first thread. In the usual case, what was known before the thread stopped
 * will do.
 */
export function findStack(
  proc: ProcFs,
  pid: number,
  vmasBefore: readonly Vma[],
  stackPointer: number,
): StackView | undefined {
  const pageSizeBytes = proc.pageSizeBytes();
  const known = stackIn(vmasBefore, pageSizeBytes);
  if (known !== undefined && isOn(known, stackPointer)) return { ...known, touched: known.start };
  const stack = stackIn(proc.maps(pid, pageSizeBytes), pageSizeBytes);
  if (stack === undefined || isOn(stack, stackPointer)) {
    return stack && { ...stack, touched: stack.start };
  }
  return { ...stack, touched: firstTouched(proc, pid, stack, pageSizeBytes) };
}

function stackIn(vmas: readonly Vma[], pageSizeBytes: number) {
  const vma = vmas.find(({ name }) => name === "[stack]");
  return vma && { start: vma.start * pageSizeBytes, end: vma.end * pageSizeBytes };
}

function firstTouched(
  proc: ProcFs,
  pid: number,
  { start, end }: { readonly start: number; readonly end: number },
  pageSizeBytes: number,
): number {
  const entries = new Uint8Array((end - start) / pageSizeBytes * ENTRY_BYTES);
  const pagemap = proc.openPagemap(pid);
  try {
    pagemap.read(entries, start / pageSizeBytes * ENTRY_BYTES);
  } finally {
    pagemap.close();
  }
  const scanner = new PagemapScanner();
  scanner.add(start / pageSizeBytes, new Uint32Array(entries.buffer));
  const { present, swapped } = scanner.finish();
  const touched = present.union(swapped);
  return touched.isEmpty ? end : touched.edges[0] * pageSizeBytes;
}
