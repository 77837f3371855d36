/**
 * Huge pages, transparent and other.
 *
 * @module
 */

import { PageSet } from "../../../../lib/core/page_set.ts";
import { HUGE_PAGES, MAP, PROT } from "../constants.ts";
import { hugePageCount } from "../counts.ts";
import { change } from "../kernel_settings.ts";
import { LeftOut, type Mode, type Played } from "../mode.ts";
import { type Memory, range } from "../memory.ts";
import { CallFailed } from "../call_failed.ts";
import type { Target } from "../target.ts";

const THP = "/sys/kernel/mm/transparent_hugepage";

/** Makes huge pages, and looks whether they are really there. */
async function hugeMemory(target: Target, count: number): Promise<Memory> {
  const memory = await target.map(0, count * HUGE_PAGES);
  await memory.advise("hugePage");
  await target.allowHugePages(true);
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
      reasons: ["huge-page"],
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
  hugeMode("shared huge pages, written", async (target, clear): Promise<Played> => {
    const memory = await sharedHugeMemory(target);
    clear();
    const written = await memory.write([5, HUGE_PAGES + 88]);
    return { region: memory.pages(), written, reasons: ["huge-page"] };
  }),
  hugeMode("shared huge page, written, then split by mprotect", async (target, clear) => {
    const memory = await sharedHugeMemory(target);
    clear();
    const written = await memory.write([5]);
    const part = memory.part(0, 64);
    await target.call("mprotect", part.address, part.bytes, PROT.read);
    const block = memory.part(0, HUGE_PAGES).pages();
    return {
      region: memory.pages(),
      written,
      // Its entry is taken out as a whole, and with it the mark of soft-dirty.
      mayMiss: { reclaimed: written },
      mayAdd: { split: block.subtract(written) },
    };
  }),
  hugeMode("shared huge page, split by mprotect", async (target, clear) => {
    const memory = await sharedHugeMemory(target);
    clear();
    const part = memory.part(0, 64);
    await target.call("mprotect", part.address, part.bytes, PROT.read);
    return {
      region: memory.pages(),
      written: PageSet.empty,
      mayAdd: { split: memory.part(0, HUGE_PAGES).pages() },
    };
  }),
  folioMode("folio of 64 KiB, touched first in one page", [], [3], true),
  folioMode("folio of 64 KiB, written in one page", [0], [3], false),
];

/** Shared memory in two huge pages, all of it there. */
async function sharedHugeMemory(target: Target): Promise<Memory> {
  await target.allowHugePages(true);
  change(`${THP}/shmem_enabled`, "advise");
  const flags = MAP.shared | MAP.anonymous;
  const memory = await target.map(0, 2 * HUGE_PAGES, { flags });
  await memory.advise("hugePage");
  await memory.write();
  expectHuge(target, memory, 2);
  return memory;
}

const FOLIO_PAGES = 16;

/** One folio, of which some pages are written before the clear and some after. */
function folioMode(
  name: string,
  before: readonly number[],
  after: readonly number[],
  isNew: boolean,
): Mode {
  return hugeMode(name, async (target, clear): Promise<Played> => {
    change(`${THP}/hugepages-64kB/enabled`, "madvise");
    await target.allowHugePages(true);
    const memory = await target.map(0, FOLIO_PAGES);
    await memory.advise("hugePage");
    if (before.length > 0) await memory.write(before);
    clear();
    const written = await memory.write(after);
    const rest = memory.pages().subtract(written);
    return {
      region: memory.pages(),
      written,
      ...(isNew ? { mayAdd: { folio: rest } } : {}),
    };
  });
}
