/**
 * Pages that are dropped, swapped out, or made ahead of a write.
 *
 * @module
 */

import { PageSet } from "../../../../lib/core/page_set.ts";
import { hasSwap, swappedPageCount } from "../counts.ts";
import { LeftOut, type Mode } from "../mode.ts";
import { type Memory, range } from "../memory.ts";
import type { Target } from "../target.ts";

const ATTEMPTS = 20;

/** Has the kernel bring pages to swap; it may pass over some that are in use just then. */
async function swapOut(target: Target, memory: Memory): Promise<void> {
  for (let i = 0; i < ATTEMPTS; i++) {
    await memory.advise("pageOut");
    if (swappedPageCount(target.pid, memory) === memory.pageCount) return;
  }
  throw new Error(`Not all pages went to swap in ${ATTEMPTS} attempts`);
}

function swapMode(
  name: string,
  act: (target: Target, memory: Memory) => Promise<PageSet>,
  isOutBefore: boolean,
): Mode {
  return {
    name,
    async play(target, clear) {
      if (!hasSwap()) throw new LeftOut("no swap");
      const memory = await target.map(0, 64);
      await memory.write();
      if (isOutBefore) await swapOut(target, memory);
      clear();
      return { region: memory.pages(), written: await act(target, memory) };
    },
  };
}

/**
 * 64 pages of which half exist; `act` has the kernel make the others, with the fault that a write would
 * take. It takes it for those that exist, too.
 */
function populating(name: string, act: (target: Target, memory: Memory) => Promise<unknown>): Mode {
  return {
    name,
    async play(target, clear) {
      const memory = await target.map(0, 64);
      await memory.write(range(0, 32));
      clear();
      await act(target, memory);
      const written = await memory.write([5]);
      return {
        region: memory.pages(),
        written,
        changed: memory.pages(range(32, 64)),
        mayAdd: { populated: memory.pages() },
      };
    },
  };
}

export const presence: readonly Mode[] = [
  {
    name: "MADV_DONTNEED after writes",
    async play(target, clear) {
      const memory = await target.map(0, 64);
      await memory.write();
      clear();
      const written = await memory.write(range(0, 8));
      const dropped = memory.part(4, 8);
      await dropped.advise("dontNeed");
      return {
        region: memory.pages(),
        written,
        changed: dropped.pages(),
        mayMiss: { dropped: dropped.pages().intersect(written) },
        reasons: ["dropped"],
      };
    },
  },
  {
    name: "MADV_DONTNEED, then written again",
    async play(target, clear) {
      const memory = await target.map(0, 64);
      await memory.write();
      clear();
      const dropped = memory.part(4, 8);
      await dropped.advise("dontNeed");
      const written = await memory.write(range(0, 8));
      return {
        region: memory.pages(),
        written,
        changed: dropped.pages(),
        reasons: ["dropped"],
      };
    },
  },
  {
    name: "MADV_FREE after writes",
    async play(target, clear) {
      const memory = await target.map(0, 64);
      await memory.write();
      clear();
      const written = await memory.write(range(0, 8));
      await memory.part(4, 8).advise("free");
      return { region: memory.pages(), written };
    },
  },
  swapMode("swapped out, then written and read", async (_target, memory) => {
    await memory.look(range(20, 30));
    return await memory.write(range(0, 5));
  }, true),
  swapMode("written, then swapped out", async (target, memory) => {
    const written = await memory.write(range(0, 5));
    await swapOut(target, memory);
    return written;
  }, false),
  populating("mlock", (target, { address, bytes }) => target.call("mlock", address, bytes)),
  populating("MADV_POPULATE_WRITE", (_target, memory) => memory.advise("populateWrite")),
];
