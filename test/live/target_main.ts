/**
 * A process whose writes are known exactly. It reads steps from standard input, a JSON line for each,
 * executes them, and answers each with a JSON line.
 *
 * Its memory lies in an area of its own, so that the kernel does not merge it with the memory of the
 * runtime.
 *
 * @module
 */

import { createRequire } from "node:module";
import process from "node:process";
import { createInterface } from "node:readline";

const PAGE = 4096;
const PROT_NONE = 0;
const PROT_READ = 1;
const PROT_READ_WRITE = 3;
const MAP_PRIVATE = 2;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MAP_NORESERVE = 0x4000;
const MADV_DONTNEED = 4;
const MADV_DONTFORK = 10;
const PR_SET_THP_DISABLE = 41;

const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
const library = koffi.load(null);
const mmap = library.func(
  "intptr_t mmap(intptr_t a, size_t n, int prot, int flags, int fd, int64_t o)",
);
const munmap = library.func("int munmap(intptr_t a, size_t n)");
const mprotect = library.func("int mprotect(intptr_t a, size_t n, int prot)");
const madvise = library.func("int madvise(intptr_t a, size_t n, int advice)");

const prctl = library.func("int prctl(int option, long a, long b, long c, long d)");

/** One step; page numbers count from the start of the area. */
export type Step =
  /** Reserves an area of so many pages, in place of the last one. Nothing in it is mapped for use. */
  | { do: "reserve"; pages: number }
  /** Maps private anonymous memory at a place of the area. */
  | { do: "map"; page: number; pages: number }
  | { do: "unmap"; page: number; pages: number }
  /** Makes memory read-only, or writable again. */
  | { do: "protect"; page: number; pages: number; writable: boolean }
  /** Drops pages; MADV_DONTNEED. */
  | { do: "drop"; page: number; pages: number }
  /** Writes one byte into each of these pages. */
  | { do: "write"; pages: number[] }
  /** Reads one byte of each of these pages. */
  | { do: "look"; pages: number[] };

// A huge page is dirty as a whole; these tests are about pages.
check(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0), "prctl");

let area = 0;
let areaPages = 0;

function check(result: number, call: string): number {
  if (result === -1) throw new Error(`${call} failed: errno ${koffi.errno()}`);
  return result;
}

const at = (page: number) => area + page * PAGE;
const view = (page: number) => new Uint8Array(koffi.view(at(page), 1));

function take(step: Step): number {
  switch (step.do) {
    case "reserve":
      if (area !== 0) check(munmap(area, areaPages * PAGE), "munmap");
      areaPages = step.pages;
      area = check(
        mmap(0, step.pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
        "mmap",
      );
      // A flag that no neighbour has keeps the kernel from merging the edges with one.
      check(madvise(area, step.pages * PAGE, MADV_DONTFORK), "madvise");
      return area;
    case "map":
      return check(
        mmap(
          at(step.page),
          step.pages * PAGE,
          PROT_READ_WRITE,
          MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
          -1,
          0,
        ),
        "mmap",
      );
    case "unmap":
      return check(munmap(at(step.page), step.pages * PAGE), "munmap");
    case "protect":
      return check(
        mprotect(at(step.page), step.pages * PAGE, step.writable ? PROT_READ_WRITE : PROT_READ),
        "mprotect",
      );
    case "drop":
      return check(madvise(at(step.page), step.pages * PAGE, MADV_DONTNEED), "madvise");
    case "write":
      for (const page of step.pages) view(page)[0]++;
      return 0;
    case "look":
      return step.pages.reduce((sum, page) => sum + view(page)[0], 0);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ result: take(JSON.parse(line) as Step) }));
}
