/**
 * Memory that devices or the kernel itself write to, or that is theirs.
 *
 * @module
 */

import { PageSet } from "../../../../lib/core/page_set.ts";
import { CallFailed } from "../call_failed.ts";
import { CALL, MAP, OPEN_DIRECT, PAGE } from "../constants.ts";
import { LeftOut, type Mode, NotInKernel } from "../mode.ts";
import type { Memory } from "../memory.ts";
import type { Target } from "../target.ts";
import { newFile } from "./sharing.ts";
import { Ring } from "./ring.ts";

/** 16 old pages, which are a registered buffer of a ring. */
async function registered(target: Target): Promise<{ memory: Memory; ring: Ring }> {
  const memory = await target.map(0, 16);
  await memory.write();
  const ring = await Ring.open(target);
  await ring.register(memory);
  return { memory, ring };
}

/** A ring of events, which this process may have if it is root. */
async function eventRing(target: Target, pageCount: number): Promise<Memory> {
  const PERF_EVENT_OPEN = 298;
  if (process.arch !== "x64") throw new LeftOut(`no number of a call for ${process.arch}`);
  const attributes = await target.map(2048, 1);
  // A dummy (9) of software (1); the size is that of the first version of the structure.
  target.poke(attributes.address, new Uint8Array(new Uint32Array([1, 64, 9, 0]).buffer));
  const call = target.call("syscall", PERF_EVENT_OPEN, attributes.address, 0, -1, -1, 0);
  const file = await target.descriptor(call).catch((error) => {
    if (!(error instanceof CallFailed)) throw error;
    throw new LeftOut("no events to be had");
  });
  return target.map(0, pageCount, { flags: MAP.shared, file });
}

/** The offset of `data_tail` in the first page, which the process writes. */
const DATA_TAIL = 1032;

export const devices: readonly Mode[] = [
  {
    name: "registered buffer of io_uring, idle",
    async play(target, clear) {
      const { memory } = await registered(target);
      clear();
      return { region: memory.pages(), written: PageSet.empty };
    },
  },
  {
    name: "registered buffer of io_uring, filled by it",
    async play(target, clear) {
      const { memory, ring } = await registered(target);
      const file = await newFile(target, 16);
      clear();
      await ring.readFixed(file, memory.part(4, 4));
      const written = memory.pages([4, 5, 6, 7]);
      return { region: memory.pages(), written, mayMiss: { device: written } };
    },
  },
  {
    name: "filled by a read past the cache (O_DIRECT)",
    async play(target, clear) {
      const file = await newFile(target, 16, OPEN_DIRECT);
      const memory = await target.map(0, 16);
      await memory.write();
      clear();
      await target.call("pread", file, memory.at(4), 4 * PAGE, 0);
      return { region: memory.pages(), written: memory.pages([4, 5, 6, 7]) };
    },
  },
  {
    name: "ring of events, which the kernel maps itself",
    async play(target, clear) {
      const memory = await eventRing(target, 9);
      await target.call("memset", memory.address + DATA_TAIL, 0, 8);
      clear();
      await target.call("memset", memory.address + DATA_TAIL, 0, 8);
      return { region: memory.pages(), written: memory.pages([0]) };
    },
  },
  {
    name: "secret memory (memfd_secret)",
    async play(target, clear) {
      const call = target.call("syscall", CALL.memfdSecret, 0, 0, 0, 0, 0);
      const file = await target.descriptor(call).catch((error) => {
        if (!(error instanceof CallFailed)) throw error;
        throw new NotInKernel("memfd_secret");
      });
      await target.call("ftruncate", file, 16 * PAGE);
      const memory = await target.map(0, 16, { flags: MAP.shared, file });
      await memory.write();
      clear();
      return { region: memory.pages(), written: await memory.write([3, 4, 9]) };
    },
  },
  {
    name: "memory that may be dropped (MAP_DROPPABLE)",
    async play(target, clear) {
      const flags = MAP.droppable | MAP.anonymous;
      const memory = await target.map(0, 16, { flags }).catch((error) => {
        if (!(error instanceof CallFailed)) throw error;
        throw new NotInKernel("MAP_DROPPABLE");
      });
      await memory.write();
      clear();
      return { region: memory.pages(), written: await memory.write([3, 4, 9]) };
    },
  },
  {
    name: "file, mapped private, changed below",
    async play(target, clear) {
      const file = await newFile(target, 16);
      const memory = await target.map(0, 16, { flags: MAP.private, file });
      await memory.look();
      const source = await target.map(128, 1);
      await source.write();
      clear();
      await target.call("pwrite", file, source.address, PAGE, 4 * PAGE);
      return {
        region: memory.pages(),
        written: await memory.write([9]),
        changed: memory.pages([4]),
      };
    },
  },
  {
    name: "written by a child of vfork",
    async play(target, clear) {
      if (process.arch !== "x64") throw new LeftOut(`no code of a child for ${process.arch}`);
      const memory = await target.map(0, 64);
      await memory.write();
      clear();
      const addresses = [3, 4, 40].map((index) => memory.at(index));
      await target.step({ do: "vforkWrite", addresses });
      return { region: memory.pages(), written: memory.pages([3, 4, 40]) };
    },
  },
];
