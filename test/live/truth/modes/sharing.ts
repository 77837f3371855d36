/**
 * Memory that several mappings, processes or a file share.
 *
 * @module
 */

import { MAP, MS_SYNC, OPEN_NEW, PAGE } from "../constants.ts";
import type { Mode } from "../mode.ts";
import { range } from "../memory.ts";
import type { Target } from "../target.ts";

/** On a file system with a disk below it, where the machine has one; /tmp often has none. */
const FOLDER = "/var/tmp";
let files = 0;

/** A file without a name, of so many pages, as full of bytes as of holes. `openAgain` are flags of a descriptor that is returned instead. */
export async function newFile(
  target: Target,
  pageCount: number,
  openAgain?: number,
): Promise<number> {
  const path = `${FOLDER}/softdirty-truth-${target.pid}-${files++}`;
  const file = await target.descriptor(target.call("open", path, OPEN_NEW, 0o600));
  await target.call("ftruncate", file, pageCount * PAGE);
  const source = await target.map(8192, pageCount / 2);
  await source.write();
  await target.call("pwrite", file, source.address, source.bytes, 0);
  await target.call("munmap", source.address, source.bytes);
  await target.call("fsync", file);
  const again = openAgain === undefined
    ? file
    : await target.descriptor(target.call("open", path, openAgain, 0));
  await target.call("unlink", path);
  return again;
}

/** Memory in a file: every 4th page was written before the clear, every 3rd read. */
function fileMode(name: string, flags: number, isSynced = false): Mode {
  return {
    name,
    async play(target, clear) {
      const memory = await target.map(0, 64, { flags, file: await newFile(target, 64) });
      await memory.write(range(0, 64, 4));
      await memory.look(range(0, 64, 3));
      clear();
      let written = await memory.write([0, 1, 3, 40, 62]);
      if (isSynced) {
        await target.call("msync", memory.address, memory.bytes, MS_SYNC);
        written = written.union(await memory.write([2, 40]));
      }
      return { region: memory.pages(), written };
    },
  };
}

/** Shared memory, all of it written before the clear; `act` writes to it past this mapping. */
function pastTheMapping(
  name: string,
  act: (target: Target, file: number) => Promise<unknown>,
): Mode {
  return {
    name,
    async play(target, clear) {
      const file = await target.descriptor(target.call("memfd_create", "shared", 0));
      await target.call("ftruncate", file, 64 * PAGE);
      const memory = await target.map(0, 64, { flags: MAP.shared, file });
      await memory.write();
      clear();
      await act(target, file);
      const written = memory.pages(range(10, 15));
      return { region: memory.pages(), written, mayMiss: { "other mapping": written } };
    },
  };
}

export const sharing: readonly Mode[] = [
  {
    name: "fork, seen from the parent",
    async play(target, clear) {
      const memory = await target.map(0, 64);
      await memory.write();
      clear();
      let written = await memory.write([1, 2]);
      await target.fork();
      await memory.childWrite([3, 4, 40]);
      written = written.union(await memory.write([4, 5, 6]));
      return { region: memory.pages(), written };
    },
  },
  {
    name: "fork, seen from the child",
    async play(target, clear) {
      const memory = await target.map(0, 64);
      await memory.write();
      const pid = await target.fork();
      clear(pid);
      await memory.write([4, 5, 6]);
      const written = await memory.childWrite([3, 4, 40]);
      return { region: memory.pages(), written, pid };
    },
  },
  {
    name: "fork, seen from a child that was never cleared",
    async play(target, clear) {
      const memory = await target.map(0, 64);
      await memory.write();
      clear();
      // Soft-dirty bits are inherited; what was never attached to is new to uffd-wp as a whole.
      const inherited = await memory.write([1, 2]);
      const pid = await target.fork();
      await memory.write([4, 5, 6]);
      const own = await memory.childWrite([3, 4, 40]);
      return {
        region: memory.pages(),
        written: inherited.union(own),
        reasons: ["new-mapping"],
        pid,
      };
    },
  },
  {
    name: "shared memory",
    async play(target, clear) {
      const memory = await target.map(0, 64, { flags: MAP.shared | MAP.anonymous });
      await memory.write(range(0, 32));
      await memory.look(range(24, 48));
      clear();
      return { region: memory.pages(), written: await memory.write([1, 30, 40, 60]) };
    },
  },
  pastTheMapping("shared memory, written through another mapping", async (target, file) => {
    const other = await target.map(128, 64, { flags: MAP.shared, file });
    await other.write(range(10, 15));
  }),
  pastTheMapping("shared memory, written with pwrite(2)", async (target, file) => {
    const source = await target.map(128, 5);
    await source.write();
    await target.call("pwrite", file, source.address, source.bytes, 10 * PAGE);
  }),
  {
    name: "shared memory, written by the child of a fork",
    async play(target, clear) {
      const memory = await target.map(0, 64, { flags: MAP.shared | MAP.anonymous });
      await memory.write();
      await target.fork();
      clear();
      const own = await memory.write([1, 2]);
      const theirs = await memory.childWrite([40, 41, 42]);
      return {
        region: memory.pages(),
        written: own.union(theirs),
        mayMiss: { "other mapping": theirs },
      };
    },
  },
  fileMode("file, mapped private", MAP.private),
  fileMode("file, mapped shared", MAP.shared),
  fileMode("file, mapped shared, written back by msync", MAP.shared, true),
];
