/**
 * Huge pages, transparent and other.
 *
 * @module
 */

import { PageSet } from "../../../../lib/core/page_set.ts";
import { HUGE_PAGES, MAP, PROT } from "../constants.ts";
import { hugePageCount } from "../counts.ts";
import { LeftOut, type Mode, type Played } from "../mode.ts";
import { type Memory, range } from "../memory.ts";
import { CallFailed, type Target } from "../target.ts";

/** Makes so many huge pages, and looks whether they are really there. */
async function hugeMemory(target: Target, count: number): Promise<Memory> {
  await target.allowHugePages(true);
  const memory = await target.map(0, count * HUGE_PAGES);
  await memory.advise("hugePage");
  await memory.write(range(0, memory.pageCount, HUGE_PAGES));
  expectHuge(target, memory, count);
  return memory;
}

function expectHuge(target: Target, memory: Memory, count: number): void {
  const found = hugePageCount(target.pid, memory);
  if (found !== count) throw new LeftOut(`no huge page was to be had (${found} of ${count})`);
}

/** Huge pages are allowed for as long as `play` takes. */
function hugeMode(name: string, play: Mode["play"]): Mode {
  return {
    name,
    async play(target, clear) {
      try {
        return await play(target, clear);
      } finally {
        await target.allowHugePages(false);
      }
    },
  };
}

export const huge: readonly Mode[] = [
  hugeMode("transparent huge pages, written", async (target, clear): Promise<Played> => {
    const memory = await hugeMemory(target, 3);
    clear();
    const written = await memory.write([5, 6, 2 * HUGE_PAGES]);
    return { region: memory.pages(), written, reasons: ["huge-page"] };
  }),
  hugeMode("transparent huge page, split by mprotect", async (target, clear): Promise<Played> => {
    const memory = await hugeMemory(target, 1);
    clear();
    const half = memory.part(0, 256);
    await target.call("mprotect", half.address, half.bytes, PROT.read);
    return {
      region: memory.pages(),
      written: PageSet.empty,
      mayAdd: { split: memory.pages() },
    };
  }),
  hugeMode("small pages, collapsed into a huge page", async (target, clear): Promise<Played> => {
    await target.allowHugePages(false);
    const memory = await target.map(0, HUGE_PAGES);
    await memory.write();
    await target.allowHugePages(true);
    clear();
    // 6.1 and 6.12 collapse no memory of which every page is protected, as after a clear.
    const written = await memory.write([5]);
    const refusal = await memory.advise("collapse").then(() => undefined, (error) => {
      if (error instanceof CallFailed) return error.errno;
      throw error;
    });
    if (refusal === undefined) expectHuge(target, memory, 1);
    return {
      region: memory.pages(),
      written,
      reasons: ["huge-page"],
      ...(refusal === undefined ? {} : { note: `the kernel does not collapse them (${refusal})` }),
    };
  }),
  {
    name: "hugetlb",
    async play(target, clear) {
      const flags = MAP.private | MAP.anonymous | MAP.hugetlb;
      const memory = await target.map(0, 2 * HUGE_PAGES, { flags }).catch((error) => {
        if (!(error instanceof CallFailed)) throw error;
        throw new LeftOut("no pool of huge pages");
      });
      await memory.write();
      clear();
      const written = await memory.write([5, 6, HUGE_PAGES]);
      return { region: memory.pages(), written, reasons: ["huge-page"] };
    },
  },
];
