/**
 * `mm-PID.img`: the mappings of a process.
 *
 * @module
 */

import type { PageNumber } from "../../core/page_set.ts";
import { onlyEntry } from "./image.ts";
import { pageAt, readMessage } from "./message.ts";

/** A mapping as CRIU keeps it. */
export interface DumpedMapping {
  readonly start: PageNumber;
  readonly end: PageNumber;
  readonly offsetPages: number;
  /** What it maps: the id of a file, or of shared memory. */
  readonly objectId: number;
  /** As in mmap(2): PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4. */
  readonly prot: number;
  /** As in mmap(2): MAP_SHARED 1, MAP_GROWSDOWN 0x100, MAP_HUGETLB 0x40000, ... */
  readonly flags: number;
  /** What CRIU found it to be: bits of {@linkcode MAPPING_STATUS}. */
  readonly status: number;
}

/** Bits of a mapping's status; `criu/include/image.h`. */
export const MAPPING_STATUS = {
  regular: 1 << 0,
  stack: 1 << 1,
  vsyscall: 1 << 2,
  vdso: 1 << 3,
  heap: 1 << 5,
  filePrivate: 1 << 6,
  fileShared: 1 << 7,
  anonymousShared: 1 << 8,
  anonymousPrivate: 1 << 9,
  systemVShared: 1 << 10,
  socket: 1 << 11,
  vvar: 1 << 12,
  aioRing: 1 << 13,
  memfd: 1 << 14,
  /** Not a mapping, but a part of one that has guard pages. */
  guard: 1 << 16,
  /** The kernel's own, for probes. */
  uprobes: 1 << 17,
  /** Memory of a device, which a plugin dumps. */
  plugin: 1 << 27,
} as const;

/**
 * The mappings in ascending order (`vmas`, field 14).
 *
 * @throws RangeError if it is no such image, or they are not disjoint.
 */
export function parseMappings(image: Uint8Array, pageSizeBytes: number): DumpedMapping[] {
  const mappings: DumpedMapping[] = [];
  readMessage(onlyEntry(image, "mm"), {
    bytes: { 14: (vma) => mappings.push(parseMapping(vma, pageSizeBytes)) },
  });
  const real = mappings.filter(({ status }) => (status & MAPPING_STATUS.guard) === 0)
    .sort((a, b) => a.start - b.start);
  for (const [i, { start, end }] of real.entries()) {
    if (start >= end || i > 0 && start < real[i - 1].end) {
      throw new RangeError("its mappings are not disjoint");
    }
  }
  return real;
}

function parseMapping(vma: Uint8Array, pageSizeBytes: number): DumpedMapping {
  let [start, end, offsetPages, objectId] = [0, 0, 0, 0];
  let [prot, flags, status] = [0, 0, 0];
  readMessage(vma, {
    numbers: {
      1: (reader) => start = pageAt(reader, pageSizeBytes),
      2: (reader) => end = pageAt(reader, pageSizeBytes),
      3: (reader) => offsetPages = Number(BigInt(reader.uint64()) / BigInt(pageSizeBytes)),
      4: (reader) => objectId = Number(reader.uint64()),
      5: (reader) => prot = reader.uint32(),
      6: (reader) => flags = reader.uint32(),
      7: (reader) => status = reader.uint32(),
    },
  });
  return { start, end, offsetPages, objectId, prot, flags, status };
}
