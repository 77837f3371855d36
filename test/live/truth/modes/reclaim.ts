/**
 * Pages that are taken out of the page table while their content stays: reclaim, and what asks for it.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { MAP, MS_SYNC } from "../constants.ts";
import { hasSwap, presentPageCount } from "../counts.ts";
import { LeftOut, type Mode } from "../mode.ts";
import { type Memory, range } from "../memory.ts";
import type { Target } from "../target.ts";
import { newFile } from "./sharing.ts";

const ATTEMPTS = 500;
const PAUSE_MS = 20;

/** Has the kernel take all pages out, as it does by itself when it has no memory left. */
export async function takeOut(target: Target, memory: Memory): Promise<void> {
  for (let i = 0; i < ATTEMPTS; i++) {
    await memory.advise("pageOut");
    if (presentPageCount(target.pid, memory) === 0) return;
    await sleep(PAUSE_MS);
  }
  throw new Error(`Not all pages were taken out in ${ATTEMPTS} attempts`);
}

async function sharedMemory(target: Target): Promise<Memory> {
  const memory = await target.map(0, 64, { flags: MAP.shared | MAP.anonymous });
  await memory.write();
  return memory;
}

async function sharedFile(target: Target): Promise<Memory> {
  const memory = await target.map(0, 64, { flags: MAP.shared, file: await newFile(target, 64) });
  await memory.write();
  return memory;
}

/** 8 of 64 pages are written; then `act` takes all out, with the marks that soft-dirty has there. */
function mode(
  name: string,
  make: (target: Target) => Promise<Memory>,
  act: (target: Target, memory: Memory) => Promise<unknown>,
  needsSwap = false,
): Mode {
  return {
    name,
    async play(target, clear) {
      if (needsSwap && !hasSwap()) throw new LeftOut("no swap");
      const memory = await make(target);
      clear();
      const written = await memory.write(range(0, 8));
      await act(target, memory);
      return { region: memory.pages(), written, mayMiss: { reclaimed: written } };
    },
  };
}

export const reclaim: readonly Mode[] = [
  mode("shared memory, written, then reclaimed", sharedMemory, takeOut, true),
  mode("shared memory, written, reclaimed, then read", sharedMemory, async (target, memory) => {
    await takeOut(target, memory);
    await memory.look();
  }, true),
  {
    name: "shared memory, reclaimed, then written and read",
    async play(target, clear) {
      if (!hasSwap()) throw new LeftOut("no swap");
      const memory = await sharedMemory(target);
      await takeOut(target, memory);
      clear();
      const written = await memory.write(range(0, 8));
      await memory.look();
      return { region: memory.pages(), written };
    },
  },
  mode("file, mapped shared, written, then reclaimed", sharedFile, async (target, memory) => {
    await target.call("msync", memory.address, memory.bytes, MS_SYNC);
    await takeOut(target, memory);
  }),
  mode(
    "shared memory, MADV_DONTNEED after writes",
    sharedMemory,
    (_target, memory) => memory.advise("dontNeed"),
  ),
  mode(
    "file, mapped shared, MADV_DONTNEED after writes",
    sharedFile,
    (_target, memory) => memory.advise("dontNeed"),
  ),
  {
    name: "shared memory, written, then a hole (MADV_REMOVE)",
    async play(target, clear) {
      const memory = await sharedMemory(target);
      clear();
      const written = await memory.write(range(0, 8));
      const hole = memory.part(0, 16);
      await hole.advise("remove");
      return {
        region: memory.pages(),
        written,
        changed: hole.pages(),
        mayMiss: { dropped: written },
      };
    },
  },
  {
    name: "MADV_FREE after writes, then reclaimed",
    async play(target, clear) {
      const memory = await target.map(0, 64);
      await memory.write();
      clear();
      const written = await memory.write(range(0, 8));
      await memory.advise("free");
      await takeOut(target, memory);
      return {
        region: memory.pages(),
        written,
        changed: memory.pages(),
        mayMiss: { dropped: written },
        reasons: ["dropped"],
      };
    },
  },
];
