/**
 * Guard pages: memory that may not be touched, without a mapping of its own. Linux 6.13 has them.
 *
 * @module
 */

import { PageSet } from "../../../../lib/core/page_set.ts";
import type { Mode } from "../mode.ts";
import type { Memory } from "../memory.ts";
import type { Target } from "../target.ts";

const NAME = "MADV_GUARD_INSTALL";

async function oldMemory(target: Target): Promise<{ memory: Memory; guarded: Memory }> {
  const memory = await target.map(0, 64);
  await memory.write();
  return { memory, guarded: memory.part(8, 8) };
}

/** Content that is dropped; some trackers report it. */
function dropping(pages: PageSet) {
  return { changed: pages, reasons: ["dropped"] as const };
}

export const guards: readonly Mode[] = [
  {
    name: "guard pages, installed",
    async play(target, clear) {
      const { memory, guarded } = await oldMemory(target);
      clear();
      await guarded.adviseIfThere("guardInstall", NAME);
      const written = await memory.write([40, 41, 42]);
      return { region: memory.pages(), written, ...dropping(guarded.pages()) };
    },
  },
  {
    name: "guard pages, installed and removed",
    async play(target, clear) {
      const { memory, guarded } = await oldMemory(target);
      clear();
      await guarded.adviseIfThere("guardInstall", NAME);
      await guarded.advise("guardRemove");
      return { region: memory.pages(), written: PageSet.empty, ...dropping(guarded.pages()) };
    },
  },
  {
    name: "guard pages, there before",
    async play(target, clear) {
      const { memory, guarded } = await oldMemory(target);
      await guarded.adviseIfThere("guardInstall", NAME);
      clear();
      return { region: memory.pages(), written: await memory.write([40]) };
    },
  },
  {
    name: "guard pages, there before, removed",
    async play(target, clear) {
      const { memory, guarded } = await oldMemory(target);
      await guarded.adviseIfThere("guardInstall", NAME);
      clear();
      await guarded.advise("guardRemove");
      const written = await memory.write([9, 40]);
      return { region: memory.pages(), written, reasons: ["dropped"] };
    },
  },
  {
    name: "guard pages in a new mapping",
    async play(target, clear) {
      clear();
      const memory = await target.map(64, 64);
      await memory.part(8, 8).adviseIfThere("guardInstall", NAME);
      const written = await memory.write([0, 1, 40]);
      return {
        region: memory.pages(),
        written,
        changed: memory.pages(),
        reasons: ["new-mapping"],
      };
    },
  },
];
