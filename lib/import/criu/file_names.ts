/**
 * What the ids of mapped files stand for: `files.img`, `reg-files.img` before CRIU 3.0, and `memfd.img`.
 *
 * @module
 */

import { imageEntries } from "./image.ts";
import { exactNumber, readMessage, textOf } from "./message.ts";

/** The images of a dump that have names; those that it lacks are undefined. */
export interface NameImages {
  readonly files: Uint8Array | undefined;
  readonly regFiles: Uint8Array | undefined;
  readonly memfd: Uint8Array | undefined;
}

/**
 * The name of each file by its id.
 *
 * @throws RangeError if one of the images is none.
 */
export function parseFileNames({ files, regFiles, memfd }: NameImages): Map<number, string> {
  const names = new Map<number, string>();
  for (const entry of regFiles ? imageEntries(regFiles, "reg-files") : []) addRegular(entry, names);
  const inodes = memfd ? memfdNames(memfd) : new Map<number, string>();
  for (const entry of files ? imageEntries(files, "files") : []) {
    readMessage(entry, {
      bytes: {
        3: (file) => addRegular(file, names),
        20: (file) => addMemfd(file, inodes, names),
      },
    });
  }
  return names;
}

function addRegular(file: Uint8Array, names: Map<number, string>): void {
  let [id, name] = [0, ""];
  readMessage(file, {
    numbers: { 1: (reader) => id = reader.uint32() },
    bytes: { 6: (bytes) => name = textOf(bytes) },
  });
  names.set(id, name);
}

/** Files of memfd_create(2), and shared anonymous memory, which is kept like them. */
function addMemfd(
  file: Uint8Array,
  inodes: ReadonlyMap<number, string>,
  names: Map<number, string>,
): void {
  let [id, inode] = [0, 0];
  readMessage(file, {
    numbers: { 1: (reader) => id = reader.uint32(), 5: (reader) => inode = reader.uint32() },
  });
  names.set(id, inodes.get(inode) ?? "");
}

function memfdNames(image: Uint8Array): Map<number, string> {
  const names = new Map<number, string>();
  for (const entry of imageEntries(image, "memfd")) {
    let [inode, name] = [0, ""];
    readMessage(entry, {
      numbers: { 7: (reader) => inode = exactNumber(reader) },
      bytes: { 1: (bytes) => name = textOf(bytes) },
    });
    names.set(inode, `${name} (deleted)`); // as maps shows it
  }
  return names;
}
