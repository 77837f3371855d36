/**
 * Parses `/proc/PID/maps`; see proc_pid_maps(5).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseMaps } from "./maps.ts";
 *
 * const [vma] = parseMaps("00400000-00452000 r-xp 00001000 08:02 173521      /usr/bin/dbus\n", 4096);
 * assert.deepEqual(vma, {
 *   start: 0x400,
 *   end: 0x452,
 *   perms: "r-xp",
 *   offsetPages: 1,
 *   device: "08:02",
 *   inode: "173521",
 *   name: "/usr/bin/dbus",
 * });
 * ```
 *
 * @module
 */

import { parseAddress } from "../../core/address.ts";
import { isAscending, laterWins } from "../../core/mapping_order.ts";
import type { Vma } from "../../core/vma.ts";

const LINE =
  /^([0-9a-f]+)-([0-9a-f]+) ([r-][w-][x-][sp]) ([0-9a-f]+) ([0-9a-f]+:[0-9a-f]+) (\d+) *(.*)$/s;

/** Characters of a line that an error repeats: what is taken for maps can be one line of megabytes. */
const MOST_SHOWN = 200;

/**
 * The mappings in the order of the lines, which is ascending but for {@linkcode readMaps}. The kernel writes a newline in a file's name as `\012` and
 * nothing else in an escaped form, so a name that holds these four characters itself reads the same.
 *
 * @param text the whole file
 * @throws SyntaxError if a line is not of the form that the kernel prints.
 */
export function parseMaps(text: string, pageSizeBytes: number): Vma[] {
  const vmas: Vma[] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const fields = LINE.exec(line);
    if (fields === null) {
      const shown = JSON.stringify(line.slice(0, MOST_SHOWN));
      throw new SyntaxError(`Not a line of maps: ${shown}`);
    }
    const [, start, end, perms, offset, device, inode, name] = fields;
    vmas.push({
      start: parseAddress(start, pageSizeBytes),
      end: parseAddress(end, pageSizeBytes),
      perms,
      offsetPages: parseAddress(offset, pageSizeBytes),
      device,
      inode,
      name: name.replaceAll("\\012", "\n"),
    });
  }
  return vmas;
}

/** So often maps is read again if what it lists overlaps. */
const READ_AGAIN = 3;

/** Mappings, and the text that they were parsed from. */
export interface ReadMaps {
  readonly text: string;
  /** Ascending and disjoint. */
  readonly vmas: readonly Vma[];
}

/**
 * The mappings of a process that changes them while they are read, ascending and disjoint.
 *
 * Since Linux 6.17 maps is read without the lock of the address space, a mapping at a time. One that is
 * split or merged meanwhile can be listed twice, with other bounds: the ranges overlap. Such a list is
 * read again; if it overlaps each time, the line that was read last has the pages.
 *
 * @param read reads the whole file
 * @param text what was read of it before, if it was
 * @throws SyntaxError if a line is not of the form that the kernel prints.
 */
export function readMaps(
  read: () => string,
  pageSizeBytes: number,
  text: string = read(),
): ReadMaps {
  const vmas = settledMaps(
    () => parseMaps(text = read(), pageSizeBytes),
    parseMaps(text, pageSizeBytes),
  );
  return { text, vmas };
}

/**
 * The same of what was parsed, however it is read.
 *
 * @param vmas what was read before, if it was
 */
export function settledMaps(
  read: () => readonly Vma[],
  vmas: readonly Vma[] = read(),
): readonly Vma[] {
  for (let i = 0; i < READ_AGAIN && !isAscending(vmas); i++) vmas = read();
  return laterWins(vmas);
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * The mappings of some lines, each name once in memory: tens of thousands may have the same long one.
 * A part of a text keeps all of it, so that a name is copied.
 *
 * @param names those that are known; it grows
 */
export function parseMapsPiece(
  piece: Uint8Array,
  pageSizeBytes: number,
  names: Map<string, string>,
): Vma[] {
  return parseMaps(decoder.decode(piece), pageSizeBytes).map((vma) => {
    let name = names.get(vma.name);
    if (name === undefined) {
      name = decoder.decode(encoder.encode(vma.name));
      names.set(name, name);
    }
    return { ...vma, name };
  });
}
