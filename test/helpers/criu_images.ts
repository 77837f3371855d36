/**
 * Writes images as CRIU does, with the pages and mappings that a test wants.
 *
 * @module
 */

import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PageSet } from "../../lib/core/page_set.ts";

export const COMMON = 0x54564319;
export const SERVICE = 0x55105940;
export const MAGIC = {
  inventory: 0x58313116,
  pstree: 0x50273030,
  pagemap: 0x56084025,
  mm: 0x57492820,
  core: 0x55053847,
  files: 0x56303138,
  regFiles: 0x50363636,
  memfd: 0x48453499,
  stats: 0x57093306,
};

/** A message: numbers, texts and messages by the numbers of their fields. */
export type Fields = ReadonlyArray<
  readonly [field: number, value: number | bigint | string | Uint8Array]
>;

/** Encodes a message. */
export function message(fields: Fields): Uint8Array {
  const writer = new BinaryWriter();
  for (const [field, value] of fields) {
    if (typeof value === "string") writer.tag(field, WireType.LengthDelimited).string(value);
    else if (typeof value === "object") writer.tag(field, WireType.LengthDelimited).bytes(value);
    else writer.tag(field, WireType.Varint).uint64(value);
  }
  return writer.finish();
}

/** An image: its magic numbers, and its entries behind their lengths. */
export function image(magics: readonly number[], ...entries: readonly Uint8Array[]): Uint8Array {
  const sizeBytes = entries.reduce((sum, { length }) => sum + 4 + length, magics.length * 4);
  const bytes = new Uint8Array(sizeBytes);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  const append = (value: number) => {
    view.setUint32(offset, value, true);
    offset += 4;
  };
  magics.forEach(append);
  for (const entry of entries) {
    append(entry.length);
    bytes.set(entry, offset);
    offset += entry.length;
  }
  return bytes;
}

const PRESENT = 4;
const PARENT = 1;

/** `pagemap-PID.img` of pages that do not overlap. */
export function pagemapImage(
  written: PageSet,
  inParent: PageSet,
  pageSizeBytes = 4096,
): Uint8Array {
  const runs = [
    ...Array.from(written.runs(), (run) => ({ ...run, flags: PRESENT })),
    ...Array.from(inParent.runs(), (run) => ({ ...run, flags: PARENT })),
  ].sort((a, b) => a.start - b.start);
  const entries = runs.map(({ start, pageCount, flags }) =>
    message([[1, BigInt(start) * BigInt(pageSizeBytes)], [2, pageCount], [4, flags]])
  );
  return image([COMMON, MAGIC.pagemap], message([[1, 1]]), ...entries);
}

/** A mapping as CRIU keeps it; pages of 4 KiB. */
export interface DrawnMapping {
  readonly start: number;
  readonly end: number;
  readonly status: number;
  readonly prot?: number;
  readonly flags?: number;
  readonly objectId?: number;
  readonly offsetPages?: number;
}

/** `mm-PID.img`. */
export function mmImage(mappings: readonly DrawnMapping[]): Uint8Array {
  const vmas = mappings.map((one) => {
    const { start, end, status, prot = 3, flags = 0x22, objectId = 0, offsetPages = 0 } = one;
    return message([
      [1, BigInt(start) * 4096n],
      [2, BigInt(end) * 4096n],
      [3, BigInt(offsetPages) * 4096n],
      [4, objectId],
      [5, prot],
      [6, flags],
      [7, status],
      [8, 1],
    ]);
  });
  return image(
    [COMMON, MAGIC.mm],
    message([[1, 0x400000], ...vmas.map((vma) => [14, vma] as const)]),
  );
}

/** A process in a drawn dump. */
export interface DrawnProcess {
  readonly written: PageSet;
  readonly inParent: PageSet;
  /** Only a dump has them, and a command. */
  readonly mappings?: readonly DrawnMapping[];
  readonly command?: string;
}

/** A dump to write. */
export interface DrawnDump {
  readonly processes: Readonly<Record<number, DrawnProcess>>;
  readonly uptimeUs?: number;
  readonly frozenUs?: number;
  /** 1 and 2 are pre-dumps; 0 is a dump. */
  readonly mode?: number;
  /** Where the link to the parent leads. */
  readonly parent?: string;
  readonly modifiedUnixS?: number;
  /** Names of files by their ids. */
  readonly files?: Readonly<Record<number, string>>;
}

/** Writes the images of a dump into a new folder. */
export function writeDump(folder: string, dump: DrawnDump): string {
  const { processes, uptimeUs, frozenUs, mode = 0, parent, modifiedUnixS, files = {} } = dump;
  mkdirSync(folder);
  const write = (name: string, bytes: Uint8Array) => {
    writeFileSync(join(folder, name), bytes);
    if (modifiedUnixS !== undefined) utimesSync(join(folder, name), modifiedUnixS, modifiedUnixS);
  };
  const uptime = uptimeUs === undefined ? [] : [[8, uptimeUs] as const];
  const reported: Fields = [[1, 2], ...uptime, ...(mode === 0 ? [] : [[9, mode] as const])];
  write("inventory.img", image([MAGIC.inventory], message(reported)));
  if (frozenUs !== undefined) {
    write(
      "stats-dump",
      image([SERVICE, MAGIC.stats], message([[1, message([[1, 5], [2, frozenUs]])]])),
    );
  }
  if (mode === 0) write("pstree.img", image([COMMON, MAGIC.pstree]));
  const named = Object.entries(files).map(([id, name]) =>
    message([[1, 1], [2, Number(id)], [3, message([[1, Number(id)], [6, name]])]])
  );
  if (named.length > 0) write("files.img", image([COMMON, MAGIC.files], ...named));
  for (const [pid, { written, inParent, mappings, command }] of Object.entries(processes)) {
    write(`pagemap-${pid}.img`, pagemapImage(written, inParent));
    if (mappings !== undefined) write(`mm-${pid}.img`, mmImage(mappings));
    if (command !== undefined) {
      const core = message([[1, 1], [3, message([[6, command]])]]);
      write(`core-${pid}.img`, image([COMMON, MAGIC.core], core));
    }
  }
  if (parent !== undefined) symlinkSync(parent, join(folder, "parent"));
  return folder;
}
