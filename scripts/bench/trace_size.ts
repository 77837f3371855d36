/**
 * Bytes for each snapshot in a trace, against what information theory allows, and against the raw
 * pagemap under zstd.
 *
 * @module
 */

import * as zlib from "node:zlib";
import process from "node:process";
import { PageSet } from "../../lib/core/page_set.ts";
import { type PageSets, pageSets, Snapshot, UNKNOWN_CONDITIONS } from "../../lib/core/snapshot.ts";
import type { TraceHost } from "../../lib/trace/schema.ts";
import { FORMAT_NAME, FORMAT_VERSION, type HeaderEvent } from "../../lib/trace/schema.ts";
import { TraceWriter } from "../../lib/trace/writer.ts";
import { randomRuns } from "./random_runs.ts";

const PAGES = 2_097_152;
/** The first page of all sets. */
export const FIRST = 0x7f00_0000_0;
const PROCESS = { pid: 1, startTimeTicks: 1, command: "bench" };
const HOST: TraceHost = { hostname: "", kernelRelease: "", arch: "x64", pageSizeBytes: 4096 };

/** A header for benches. */
export const HEADER: HeaderEvent = {
  type: "header",
  format: FORMAT_NAME,
  version: FORMAT_VERSION,
  writer: "bench",
  originUnixMs: 0,
  host: HOST,
  tracker: "soft-dirty",
  probe: {
    tracker: "soft-dirty",
    works: true,
    readBy: "pagemap-scan",
    steps: [{ action: "write", expectedDirty: true, foundDirty: true }],
    reason: "",
    hint: "",
  },
};

/** A snapshot of 8 GiB that is all there, with these dirty pages. */
export function snapshotOf(dirty: PageSet, index: number, pages = PAGES): Snapshot {
  const whole = PageSet.from([{ start: FIRST, end: FIRST + pages }]);
  const sets: Partial<Record<keyof PageSets, PageSet>> = { dirty, present: whole };
  const vma = { perms: "rw-p", offsetPages: 0, device: "00:00", inode: "0", name: "" };
  return new Snapshot({
    process: PROCESS,
    pageSizeBytes: 4096,
    vmas: VMAS.get(pages) ?? keep(pages, [{ start: FIRST, end: FIRST + pages, ...vma }]),
    pages: pageSets((flag) => sets[flag] ?? PageSet.empty),
    tracker: "soft-dirty",
    readBy: "pagemap-scan",
    known: ["dirty", "present", "swapped", "fileOrShared", "hugetlb", "huge"],
    conditions: UNKNOWN_CONDITIONS,
    atNs: 5e12 + index * 1e8 + 1,
    durationNs: 3_456_789,
    stoppedNs: 0,
    sinceClear: null,
    originUnixMs: 0,
    index,
  });
}

const VMAS = new Map<number, Snapshot["vmas"]>();
function keep(pages: number, vmas: Snapshot["vmas"]): Snapshot["vmas"] {
  VMAS.set(pages, vmas);
  return vmas;
}

/** How many bytes a writer appends for a snapshot after another one. */
function bytesAfter(before: PageSet, dirty: PageSet): number {
  const writer = new TraceWriter({ append() {} }, HEADER);
  // Past the numbers that take fewer bytes than those of a long recording.
  writer.read(snapshotOf(before, 0));
  const size = writer.sizeBytes;
  writer.read(snapshotOf(dirty, 1));
  return writer.sizeBytes - size;
}

/** log2 of C(n, k), in bytes. */
function boundBytes(n: number, k: number): number {
  let bits = 0;
  for (let i = 1; i <= k; i++) bits += Math.log2((n - k + i) / i);
  return bits / 8;
}

/** The pagemap's entries, with or without frame numbers, under zstd -19. */
function rawBytes(dirty: PageSet, hasFrames: boolean): number {
  const entries = new BigUint64Array(PAGES);
  let frame = 0x12345n;
  for (let page = 0; page < PAGES; page++) {
    if (hasFrames) frame = (frame * 1103515245n + 12345n) & 0xffffffn;
    entries[page] = (1n << 63n) | (1n << 61n) | (hasFrames ? frame : 0n);
  }
  for (let i = 0; i < dirty.edges.length; i += 2) {
    for (let page = dirty.edges[i]; page < dirty.edges[i + 1]; page++) {
      entries[page - FIRST] |= 1n << 55n;
    }
  }
  // Node's types of version 20 do not have it; this runs under Deno, which does.
  const { zstdCompressSync } = zlib as unknown as {
    zstdCompressSync(bytes: Uint8Array, options: { params: Record<number, number> }): Uint8Array;
  };
  const compressionLevel = 100; // ZSTD_c_compressionLevel
  return zstdCompressSync(new Uint8Array(entries.buffer), { params: { [compressionLevel]: 19 } })
    .length;
}

const kb = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;

/** Runs and prints it. */
export function traceSize(): Promise<void> {
  const random = randomRuns(FIRST, PAGES, 0.01, 1);
  const other = randomRuns(FIRST, PAGES, 0.01, 2);
  const bound = boundBytes(PAGES, random.pageCount);
  const bytes = bytesAfter(other, random);
  console.log(`\n== size: bytes of a snapshot in a trace, record header and checksum included
random 1 % of 2,097,152 pages (${random.pageCount})
  ${kb(bytes)}: ${(bytes / bound).toFixed(4)} of log2 C(n, k) / 8 = ${kb(bound)} (at most 1.03)`);
  if (process.env.BENCH_ZSTD !== "0") {
    const [plain, frames] = [rawBytes(random, false), rawBytes(random, true)];
    console.log(
      `  raw pagemap under zstd -19: ${kb(plain)} without frame numbers (${
        (plain / bytes).toFixed(1)
      } x), ${kb(frames)} with them (${(frames / bytes).toFixed(0)} x)`,
    );
  }
  const clusters = PageSet.from(
    Array.from({ length: 16 }, (_, i) => {
      const start = FIRST + i * 131_072 + (i * 7919) % 100_000;
      return { start, end: start + 1310 };
    }),
  );
  console.log(`16 ranges of 1,310 pages
  ${bytesAfter(random, clusters)} bytes (at most 120)
the same set again
  ${bytesAfter(random, random)} bytes (at most 40)`);
  return Promise.resolve();
}
