/**
 * Where frames can lie in a process without being in anyone's way.
 *
 * Not below the stack pointer: the first thread may stand in a handler or a coroutine whose stack is a
 * part of the one it came from, and then the bytes below belong to somebody. The lowest bytes of the
 * stack's mapping are free if nothing was ever written there; otherwise those just below the mapping
 * are, and writing there lets it grow, as a deeper call would. After use they are zeros again. If this
 * program dies before, we find them by a mark the next time, so that the stack does not grow with each
 * attach.
 *
 * @module
 */

import type { Vma } from "../../core/vma.ts";
import { FRAME_ALIGNMENT } from "./arch.ts";
import type { ProcessMemory } from "../proc/proc_files.ts";
import type { ProcFs } from "../proc/proc_fs.ts";

const FRAMES_AT = FRAME_ALIGNMENT;
const MARK = new TextEncoder().encode("softdirty: frames of its attach\0");
/** The area is taken in steps of this. */
export const STEP_BYTES = 4096;

/** The sizes of the two frames in bytes. */
export interface FrameSizes {
  readonly leader: number;
  readonly helper: number;
}

/** Addresses of the two frames. A handler's own frame would come below both. */
export interface FrameAddresses {
  readonly leader: number;
  readonly helper: number;
  /** Of both frames, with a mark before and behind. */
  readonly areaBytes: number;
}

/** A stack's mapping: addresses. */
export interface StackView {
  readonly start: number;
  readonly end: number;
}

/** The stack of a process's first thread; undefined if it has none of that name. */
export function stackIn(vmas: readonly Vma[], pageSizeBytes: number): StackView | undefined {
  const vma = vmas.find(({ name }) => name === "[stack]");
  return vma && { start: vma.start * pageSizeBytes, end: vma.end * pageSizeBytes };
}

/**
 * Places for frames in a process whose first thread is stopped.
 *
 * @param known the stack as it was before; in the usual case that will do
 * @param inUse down to where the thread uses the stack that it runs on
 */
export function findAddresses(
  proc: ProcFs,
  pid: number,
  memory: ProcessMemory,
  known: StackView | undefined,
  inUse: number,
  sizes: FrameSizes,
): FrameAddresses | undefined {
  const places = known && placesBelow(memory, known, inUse, sizes);
  if (places !== undefined) return places;
  const pageSizeBytes = proc.pageSizeBytes();
  const stack = stackIn(proc.maps(pid, pageSizeBytes), pageSizeBytes);
  return stack && placesBelow(memory, stack, inUse, sizes);
}

/** Places at the end of this stack, or just below it; undefined if both are taken. */
export function placesBelow(
  memory: ProcessMemory,
  stack: StackView,
  inUse: number,
  sizes: FrameSizes,
): FrameAddresses | undefined {
  const leaderBytes = roundUp(sizes.leader, FRAME_ALIGNMENT);
  const helperBytes = roundUp(sizes.helper, FRAME_ALIGNMENT);
  const areaBytes = roundUp(FRAMES_AT + leaderBytes + helperBytes + MARK.length, STEP_BYTES);
  for (const start of [stack.start, stack.start - areaBytes]) {
    if (!isFree(memory, stack, { start, areaBytes }, inUse)) continue;
    const leader = start + FRAMES_AT;
    return { leader, helper: leader + leaderBytes, areaBytes };
  }
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/**
 * Lays frames into their places, with the marks round them.
 *
 * @returns false if there is no room
 */
export function writeFrames(
  memory: ProcessMemory,
  places: FrameAddresses,
  frames: Readonly<Record<keyof FrameSizes, Uint8Array>>,
): boolean {
  const area = new Uint8Array(places.areaBytes);
  const start = places.leader - FRAMES_AT;
  area.set(MARK);
  area.set(MARK, area.length - MARK.length);
  for (const name of ["leader", "helper"] as const) {
    area.set(frames[name], places[name] - start);
  }
  return memory.write(area, start) === area.length;
}

/** Leaves zeros where frames were, as it was before. */
export function clearFrames(memory: ProcessMemory, { leader, areaBytes }: FrameAddresses): void {
  memory.write(new Uint8Array(areaBytes), leader - FRAMES_AT);
}

function isFree(
  memory: ProcessMemory,
  stack: StackView,
  { start, areaBytes }: { readonly start: number; readonly areaBytes: number },
  inUse: number,
): boolean {
  const isOnStack = inUse >= stack.start - areaBytes && inUse < stack.end;
  if (isOnStack && inUse < start + areaBytes) return false;
  const area = Buffer.alloc(areaBytes);
  if (memory.read(area, start) !== areaBytes) return false;
  const isOurs = area.subarray(0, MARK.length).equals(MARK) &&
    area.subarray(areaBytes - MARK.length).equals(MARK);
  return isOurs || area.equals(Buffer.alloc(areaBytes));
}
