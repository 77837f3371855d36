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
async function registered(
  target: Target,
  flags: number = MAP.private,
): Promise<{ memory: Memory; ring: Ring }> {
  const memory = await target.map(0, 16, { flags: flags | MAP.anonymous });
  await memory.write();
  const ring = await Ring.open(target);
  await ring.register(memory);
  return { memory, ring };
}

/** What a software event counts (`PERF_COUNT_SW_*`). */
const EVENT = { pageFaults: 2, dummy: 9 } as const;

/** The number of ioctl(2), and PERF_EVENT_IOC_DISABLE. */
const IOCTL = 16;
const DISABLE = 0x2401;

/**
 * A ring of events, which this process may have if it is root. Of page faults of the target's first thread
 * it gets a record of 24 bytes each.
 */
async function eventRing(
  target: Target,
  pageCount: number,
  event: number = EVENT.dummy,
): Promise<{ memory: Memory; file: number }> {
  const PERF_EVENT_OPEN = 298;
  if (process.arch !== "x64") throw new LeftOut(`no number of a call for ${process.arch}`);
  const attributes = await target.map(2048, 1);
  // An event of software (1), each of them (1), with address and instruction (9). The size is that of the
  // first version of the structure.
  const words = new Uint32Array([1, 64, event, 0, 1, 0, 9, 0]);
  target.poke(attributes.address, new Uint8Array(words.buffer));
  const call = target.call("syscall", PERF_EVENT_OPEN, attributes.address, 0, -1, -1, 0);
  const file = await target.descriptor(call).catch((error) => {
    if (!(error instanceof CallFailed)) throw error;
    throw new LeftOut("no events to be had");
  });
  return { memory: await target.map(0, pageCount, { flags: MAP.shared, file }), file };
}

/** How many bytes of records the kernel has written to a ring of events. */
async function eventBytes(target: Target, ring: Memory): Promise<number> {
  const DATA_HEAD = 1024;
  const copy = await target.map(2049, 1);
  await target.call("memcpy", copy.address, ring.address + DATA_HEAD, 8);
  return target.peek(copy.address, 8).getUint32(0, true);
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
    name: "registered shared buffer of io_uring, filled by it",
    async play(target, clear) {
      const { memory, ring } = await registered(target, MAP.shared);
      const file = await newFile(target, 16);
      clear();
      await ring.readFixed(file, memory.part(4, 4));
      const written = memory.pages([4, 5, 6, 7]);
      return { region: memory.pages(), written, mayMiss: { device: written } };
    },
  },
  {
    name: "registered with io_uring, and not filled",
    async play(target, clear) {
      const memory = await target.map(0, 16);
      await memory.write();
      const ring = await Ring.open(target);
      clear();
      await ring.register(memory);
      const pages = memory.pages();
      return { region: pages, written: PageSet.empty, mayAdd: { populated: pages } };
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
      const { memory } = await eventRing(target, 9);
      await target.call("memset", memory.address + DATA_TAIL, 0, 8);
      clear();
      await target.call("memset", memory.address + DATA_TAIL, 0, 8);
      return { region: memory.pages(), written: memory.pages([0]) };
    },
  },
  {
    name: "ring of events, filled by the kernel",
    async play(target, clear) {
      const { memory, file } = await eventRing(target, 9, EVENT.pageFaults);
      await memory.look();
      const before = await eventBytes(target, memory);
      clear();
      const touched = await target.map(3000, 200);
      await touched.write();
      await target.call("syscall", IOCTL, file, DISABLE, 0, 0, 0);
      // The head of the ring, and the page that the first event goes to: how many more there are depends
      // on what else the target does.
      const written = memory.pages([0, 1 + Math.floor(before / PAGE)]);
      return { region: written, written, mayMiss: { device: written } };
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
