/**
 * Memory that KSM merges: the kernel's `Documentation/admin-guide/mm/ksm.rst`.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { PageSet } from "../../../../lib/core/page_set.ts";
import { PAGE } from "../constants.ts";
import { change } from "../kernel_settings.ts";
import type { Mode } from "../mode.ts";
import { type Memory, range } from "../memory.ts";
import type { Target } from "../target.ts";

const KSM = "/sys/kernel/mm/ksm";
/** In the first scan pages are looked at, in the second compared, in the third merged at the latest. */
const SCANS = 4;
const ATTEMPTS = 600;

/** Has KSM merge what it can, and stop. */
async function merge(memory: Memory): Promise<void> {
  await memory.advise("mergeable");
  change(`${KSM}/pages_to_scan`, "20000");
  change(`${KSM}/sleep_millisecs`, "5");
  const scans = () => Number(readFileSync(`${KSM}/full_scans`, "utf8"));
  const before = scans();
  change(`${KSM}/run`, "1");
  for (let i = 0; scans() < before + SCANS; i++) {
    if (i === ATTEMPTS) throw new Error("KSM did not look at all pages");
    await sleep(20);
  }
  change(`${KSM}/run`, "0");
}

/** 16 pages with contents of their own. */
async function unlike(target: Target): Promise<Memory> {
  const memory = await target.map(0, 16);
  for (const index of range(0, 16)) await target.call("memset", memory.at(index), index + 1, PAGE);
  return memory;
}

/** Makes them alike. */
async function makeAlike(memory: Memory): Promise<PageSet> {
  await memory.target.call("memset", memory.address, 0x5a, memory.bytes);
  return memory.pages();
}

export const merging: readonly Mode[] = [
  {
    name: "KSM: written, then merged",
    async play(target, clear) {
      const memory = await unlike(target);
      clear();
      const written = await makeAlike(memory);
      await merge(memory);
      return { region: memory.pages(), written, mayMiss: { merged: written } };
    },
  },
  {
    name: "KSM: merged, and nothing written",
    async play(target, clear) {
      const memory = await unlike(target);
      await makeAlike(memory);
      clear();
      await merge(memory);
      const written = PageSet.empty;
      return { region: memory.pages(), written, mayAdd: { merged: memory.pages() } };
    },
  },
  {
    name: "KSM: merged before, then written",
    async play(target, clear) {
      const memory = await unlike(target);
      await makeAlike(memory);
      await merge(memory);
      clear();
      return { region: memory.pages(), written: await memory.write(range(0, 16, 3)) };
    },
  },
];
