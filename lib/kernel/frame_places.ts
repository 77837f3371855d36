/**
 * Where frames can lie in a process without being in anyone's way.
 *
 * Not below the stack pointer: the first thread may stand in a handler or a coroutine whose stack is a
 * part of the one it came from, and then the bytes below belong to somebody. The lowest bytes of the
 * stack's mapping are free if nothing was ever written there; otherwise those just below the mapping
 * are, and writing there lets it grow, as a deeper call would. What we use once we find again by a
 * mark, so that the stack does not grow with each attach.
 *
 * @module
 */

import type { Vma } from "../core/vma.ts";
import type { ProcessMemory } from "./proc_files.ts";
import type { ProcFs } from "./proc_fs.ts";

/** Room for one frame; the largest has the tiles of AMX. */
export const FRAME_ROOM_BYTES = 16 << 10;

/** Of both frames, with a mark before and behind. */
export const AREA_BYTES = 36 << 10;

const MARK = new TextEncoder().encode("softdirty: frames of its attach\0");
/** At a multiple of the alignment of frames. */
const FRAMES_AT = 64;

/** Addresses of the two frames. A handler's own frame would come below both. */
export interface FramePlaces {
  readonly leader: number;
  readonly helper: number;
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
 * Places for frames in a process whose first thread stands still.
 *
 * @param known the stack as it was before; in the usual case that will do
 * @param inUse down to where the thread uses the stack that it runs on
 */
export function findPlaces(
  proc: ProcFs,
  pid: number,
  memory: ProcessMemory,
  known: StackView | undefined,
  inUse: number,
): FramePlaces | undefined {
  const places = known && placesBelow(memory, known, inUse);
  if (places !== undefined) return places;
  const pageSizeBytes = proc.pageSizeBytes();
  const stack = stackIn(proc.maps(pid, pageSizeBytes), pageSizeBytes);
  return stack && placesBelow(memory, stack, inUse);
}

/** Places at the end of this stack, or just below it; undefined if both are taken. */
export function placesBelow(
  memory: ProcessMemory,
  stack: StackView,
  inUse: number,
): FramePlaces | undefined {
  for (const start of [stack.start, stack.start - AREA_BYTES]) {
    if (!isFree(memory, stack, start, inUse)) continue;
    const leader = start + FRAMES_AT;
    return { leader, helper: leader + FRAME_ROOM_BYTES };
  }
}

/**
 * Lays frames into their places, with the marks round them.
 *
 * @returns false if there is no room
 */
export function writeFrames(
  memory: ProcessMemory,
  places: FramePlaces,
  frames: Readonly<Record<keyof FramePlaces, Uint8Array>>,
): boolean {
  const area = new Uint8Array(AREA_BYTES);
  const start = places.leader - FRAMES_AT;
  area.set(MARK);
  area.set(MARK, AREA_BYTES - MARK.length);
  for (const name of ["leader", "helper"] as const) {
    if (frames[name].length > FRAME_ROOM_BYTES) return false;
    area.set(frames[name], places[name] - start);
  }
  return memory.write(area, start) === AREA_BYTES;
}

function isFree(
  memory: ProcessMemory,
  stack: StackView,
  start: number,
  inUse: number,
): boolean {
  const isOnStack = inUse >= stack.start - AREA_BYTES && inUse < stack.end;
  if (isOnStack && inUse < start + AREA_BYTES) return false;
  const area = Buffer.alloc(AREA_BYTES);
  if (memory.read(area, start) !== AREA_BYTES) return false;
  const isOurs = area.subarray(0, MARK.length).equals(MARK) &&
    area.subarray(AREA_BYTES - MARK.length).equals(MARK);
  return isOurs || area.equals(Buffer.alloc(AREA_BYTES));
}
