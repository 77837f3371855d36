/**
 * Mappings that come, go, move and change.
 *
 * @module
 */

import { MAP, MREMAP, PAGE, PROT } from "../constants.ts";
import type { Mode } from "../mode.ts";
import { type Memory, range } from "../memory.ts";
import type { Target } from "../target.ts";

/** 256 old pages with 32 new ones beside them, of which 3 are written. */
function beside(name: string, newIndex: number): Mode {
  return {
    name,
    async play(target, clear) {
      const old = await target.map(64, 256);
      await old.write();
      clear();
      const added = await target.map(newIndex, 32);
      const written = await added.write([0, 13, 31]);
      return {
        region: old.pages().union(added.pages()),
        written,
        changed: added.pages(),
        reasons: ["new-mapping"],
      };
    },
  };
}

/** 64 pages among `pageCount` old ones are unmapped and mapped again; 3 of them are written. */
function again(name: string, pageCount: number, index: number): Mode {
  return {
    name,
    async play(target, clear) {
      const old = await target.map(64, pageCount);
      await old.write();
      clear();
      const { address, bytes } = old.part(index, 64);
      await target.call("munmap", address, bytes);
      const renewed = await target.map(64 + index, 64);
      const written = await renewed.write([0, 13, 63]);
      return {
        region: old.pages(),
        written,
        changed: renewed.pages(),
        reasons: ["new-mapping"],
      };
    },
  };
}

/**
 * Unmaps memory, and returns a mapping of 16 pages above it that grows down: the kernel places no
 * mapping in the room that such a one can need, unless a call asks for just that place.
 */
async function free(target: Target, memory: Memory): Promise<Memory> {
  const flags = MAP.private | MAP.anonymous | MAP.growsDown;
  const first = (memory.address - target.area.address) / PAGE;
  const above = await target.map(first + memory.pageCount, 16, { flags });
  await target.call("munmap", memory.address, memory.bytes);
  return above;
}

/** Old pages of which every other one exists, moved to where 256 find room; 3 of these are written. */
function moved(name: string, pageCount: number, indices: readonly number[]): Mode {
  return {
    name,
    async play(target, clear) {
      const old = await target.map(64, pageCount);
      await old.write(range(0, pageCount, 2));
      const place = target.area.part(1024, 256);
      await free(target, place);
      clear();
      const flags = MREMAP.mayMove | MREMAP.fixed;
      await target.call("mremap", old.address, old.bytes, place.bytes, flags, place.address);
      return {
        region: old.pages().union(place.pages()),
        written: await place.write(indices),
        changed: place.pages(),
        reasons: ["moved", "new-mapping"],
      };
    },
  };
}

export const mappings: readonly Mode[] = [
  {
    name: "new isolated mapping",
    async play(target, clear) {
      clear();
      const memory = await target.map(64, 64);
      const written = await memory.write([0, 7, 8, 40, 63]);
      return {
        region: memory.pages(),
        written,
        changed: memory.pages(),
        reasons: ["new-mapping"],
      };
    },
  },
  {
    name: "new isolated mapping, all of it written",
    async play(target, clear) {
      clear();
      const memory = await target.map(64, 64);
      return { region: memory.pages(), written: await memory.write() };
    },
  },
  beside("new mapping above an old one", 320),
  beside("new mapping below an old one", 32),
  again("unmapped and mapped again at the same place", 64, 0),
  again("unmapped and mapped again amid old memory", 256, 96),
  moved("mremap that moves", 256, [1, 2, 100]),
  moved("mremap that moves and grows", 128, [1, 2, 200]),
  {
    name: "mremap that moves onto a reservation",
    async play(target, clear) {
      const old = await target.map(64, 64);
      await old.write(range(0, 64, 2));
      clear();
      const place = target.area.part(1024, 64);
      const flags = MREMAP.mayMove | MREMAP.fixed;
      await target.call("mremap", old.address, old.bytes, place.bytes, flags, place.address);
      return {
        region: old.pages().union(place.pages()),
        written: await place.write([1, 2, 40]),
        changed: place.pages(),
        mayAdd: { "moved onto": place.pages(range(0, 64, 2)) },
        reasons: ["new-mapping"],
      };
    },
  },
  {
    name: "mremap that leaves an empty mapping behind",
    async play(target, clear) {
      const old = await target.map(64, 64);
      await old.write(range(0, 64, 2));
      const place = target.area.part(1024, 64);
      await free(target, place);
      clear();
      const flags = MREMAP.mayMove | MREMAP.fixed | MREMAP.dontUnmap;
      await target.call("mremap", old.address, old.bytes, place.bytes, flags, place.address);
      return {
        region: old.pages().union(place.pages()),
        written: await place.write([1, 2, 40]),
        changed: old.pages().union(place.pages()),
        reasons: ["moved", "new-mapping", "dropped"],
      };
    },
  },
  {
    name: "mremap that grows in place",
    async play(target, clear) {
      const whole = target.area.part(64, 128);
      const old = await target.map(64, 64);
      await old.write();
      await free(target, whole.part(64, 64));
      clear();
      await target.call("mremap", old.address, old.bytes, whole.bytes, 0, 0);
      const written = await whole.write([3, 64, 100]);
      return {
        region: whole.pages(),
        written,
        changed: whole.part(64, 64).pages(),
        reasons: ["new-mapping"],
      };
    },
  },
  {
    name: "mprotect that splits and merges",
    async play(target, clear) {
      const memory = await target.map(0, 64);
      await memory.write();
      clear();
      let written = await memory.write([7, 20]);
      const middle = memory.part(16, 16);
      await target.call("mprotect", middle.address, middle.bytes, PROT.read);
      written = written.union(await memory.write([1, 40]));
      await target.call("mprotect", middle.address, middle.bytes, PROT.readWrite);
      written = written.union(await memory.write([17]));
      return { region: memory.pages(), written };
    },
  },
  {
    name: "heap that grows (brk)",
    async play(target, clear) {
      const start = await target.call("sbrk", 0);
      const old = target.memory(Math.ceil(start / PAGE) * PAGE, 256);
      await target.call("sbrk", old.address - start + old.bytes);
      await old.write();
      clear();
      const grownAt = await target.call("sbrk", 64 * PAGE);
      const grown = target.memory(grownAt, 64);
      if (grownAt !== old.at(256)) throw new Error("The runtime moved the break meanwhile");
      const written = await grown.write([0, 13, 63]);
      return {
        region: old.pages().union(grown.pages()),
        written,
        changed: grown.pages(),
        reasons: ["new-mapping"],
      };
    },
  },
  {
    name: "stack that grows",
    async play(target, clear) {
      const stack = await free(target, target.area.part(0, 128));
      await stack.write();
      clear();
      const whole = target.area.part(96, 48);
      const written = await whole.write([32 + 3, 20, 0]);
      return {
        region: whole.pages(),
        written,
        changed: whole.part(0, 32).pages(),
        reasons: ["new-mapping"],
      };
    },
  },
];
