/**
 * Old memory of which some pages are written, or only read.
 *
 * @module
 */

import { closeSync, openSync, writeSync } from "node:fs";
import { PageSet } from "../../../../lib/core/page_set.ts";
import { PAGE } from "../constants.ts";
import type { Mode } from "../mode.ts";
import { type Memory, range } from "../memory.ts";

/** Private anonymous memory, all of it written before the clear. */
function oldMemory(
  name: string,
  pageCount: number,
  act: (memory: Memory) => Promise<PageSet>,
): Mode {
  return {
    name,
    async play(target, clear) {
      const memory = await target.map(0, pageCount);
      await memory.write();
      clear();
      return { region: memory.pages(), written: await act(memory) };
    },
  };
}

/** `count` different numbers below `limit`, the same each time. */
function random(count: number, limit: number): number[] {
  const chosen = new Set<number>();
  for (let state = 1; chosen.size < count;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    chosen.add(Math.floor(state / 2 ** 32 * limit));
  }
  return [...chosen];
}

/** Writes to memory of another process, as a debugger does. */
function writeFrom(pid: number, address: number, lengthBytes: number): void {
  const file = openSync(`/proc/${pid}/mem`, "r+");
  try {
    writeSync(file, new Uint8Array(lengthBytes).fill(7), 0, lengthBytes, address);
  } finally {
    closeSync(file);
  }
}

export const writes: readonly Mode[] = [
  oldMemory("dense: all of 256 pages", 256, (memory) => memory.write()),
  oldMemory("every 7th of 4,096 pages", 4096, (memory) => memory.write(range(0, 4096, 7))),
  oldMemory("100 random ones of 4,096 pages", 4096, (memory) => memory.write(random(100, 4096))),
  oldMemory("only read", 256, async (memory) => {
    await memory.look();
    return PageSet.empty;
  }),
  {
    name: "only read, pages of zeros",
    async play(target, clear) {
      const memory = await target.map(0, 256);
      await memory.look(range(0, 128));
      clear();
      await memory.look();
      return { region: memory.pages(), written: PageSet.empty };
    },
  },
  {
    name: "written where nothing or a page of zeros was",
    async play(target, clear) {
      const memory = await target.map(0, 256);
      await memory.look(range(0, 128));
      clear();
      await memory.look();
      return { region: memory.pages(), written: await memory.write(range(0, 256, 5)) };
    },
  },
  {
    name: "filled by read(2)",
    async play(target, clear) {
      const memory = await target.map(0, 64);
      await memory.write();
      const file = await target.descriptor(target.call("memfd_create", "source", 0));
      await target.call("ftruncate", file, 4 * PAGE);
      clear();
      await target.call("pread", file, memory.at(20), 4 * PAGE, 0);
      return { region: memory.pages(), written: memory.pages(range(20, 24)) };
    },
  },
  oldMemory("written by another process through /proc/PID/mem", 64, (memory) => {
    writeFrom(memory.target.pid, memory.at(20), 4 * PAGE);
    return Promise.resolve(memory.pages(range(20, 24)));
  }),
];
