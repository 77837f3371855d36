/**
 * A trace with all that the format has: each form of page set, reads that are delta-encoded against earlier
 * ones, mappings that change, and processes that come, go and change their command.
 *
 * @module
 */

import { PageSet } from "../../lib/core/page_set.ts";
import type { ProcessIdentity } from "../../lib/core/process.ts";
import {
  type ClearEvent,
  NO_PAGES,
  PAGE_FLAGS,
  type PageSets,
  Snapshot,
} from "../../lib/core/snapshot.ts";
import type { Vma } from "../../lib/core/vma.ts";
import type { TraceWriter } from "../../lib/trace/writer.ts";
import { clearAt, snapshot } from "./drawn_snapshot.ts";
import { randomPages } from "./random_pages.ts";

const BASE = 0x7_f000_0000;

/** The same set further up, each page as so many. */
function moved(set: PageSet, by: number, factor = 1): PageSet {
  return PageSet.fromEdges(set.edges.map((edge) => edge * factor + by));
}

/** Sets that each come out smallest in another form. */
const DRAWN = {
  few: (seed: number) => PageSet.from([{ start: BASE + seed, end: BASE + 2 * seed + 300 }]),
  pages: (seed: number) => moved(randomPages(3000, 0.05, seed), BASE),
  holes: (seed: number) => moved(randomPages(3000, 0.95, seed), BASE),
  runs: (seed: number) =>
    moved(randomPages(800, 0.5, seed), BASE, 20).xor(moved(randomPages(800, 0.2, seed), BASE, 3)),
  // So far apart that the number of pages between them is written as it is.
  farApart: (seed: number) =>
    moved(randomPages(900, 0.3, seed), 0).union(moved(randomPages(900, 0.3, seed + 1), 2 ** 51)),
  none: () => PageSet.empty,
};

const EACH: readonly ((seed: number) => PageSet)[] = Object.values(DRAWN);

/** Fourteen mappings, of which other ones are missing or changed each time. */
function vmasOf(i: number): Vma[] {
  return Array.from({ length: 14 }, (_, n): Vma => ({
    start: (n % 2 === 0 ? 0x400 : BASE) + n * 100,
    end: (n % 2 === 0 ? 0x400 : BASE) + n * 100 + 40 + (i % 5 === n % 5 ? 1 : 0),
    perms: (i + n) % 9 === 0 ? "r--p" : "rw-p",
    offsetPages: n,
    device: "fd:01",
    inode: String(n),
    // A trace has the long name of several once.
    name: n % 4 === 0 ? "" : n % 4 === 1 ? `/${"d".repeat(300)}` : `/usr/lib/libdrawn-${n}.so é\n`,
  })).filter((_, n) => (i + n) % 7 !== 0).sort((a, b) => a.start - b.start);
}

function pagesOf(i: number): PageSets {
  const reported = i % 4 === 3
    ? { present: DRAWN.few(i >> 4), unwatched: DRAWN.farApart(i), hugetlb: DRAWN.runs(i) }
    : {};
  // A slow change in pages that stay the same otherwise makes differences.
  const slow = EACH[(i >> 4) % EACH.length](1).xor(DRAWN.few(BASE + i));
  const dirty = i % 3 === 0 ? EACH[(i / 3) % EACH.length](i + 1) : slow;
  // Of these a difference is much smaller than the set: few pages, and all but a few.
  const guard = DRAWN.runs(1).xor(DRAWN.pages(i));
  const exclusive = DRAWN.runs(1).xor(DRAWN[i % 2 === 0 ? "pages" : "holes"](i));
  const newMapping = DRAWN.pages(i >> 3);
  return { ...NO_PAGES, present: slow, dirty, guard, exclusive, newMapping, ...reported };
}

/** Writes it. */
export function writeDrawnTrace(writer: TraceWriter): void {
  const clears = new Map<number, ClearEvent>();
  for (let i = 0; i < 90; i++) {
    const atNs = i * 1e9 + 0.5e9;
    const pid = 42 + i % 3;
    const process: ProcessIdentity = {
      pid,
      // The pid is given to another process later on.
      startTimeTicks: pid === 44 && i > 60 ? 2 ** 33 : 1000,
      command: pid === 42 && i > 40 ? "renamed" : "drawn é",
    };
    if (pid === 44 && i > 60 && i < 66) clears.delete(pid);
    if (i % 5 === 0) {
      const vmas = i % 2 === 0 ? vmasOf(i) : null;
      const clear = { ...clearAt(atNs), unseenNs: i % 2 ? null : 7, vmas, process };
      writer.clear(clear);
      clears.set(pid, clear);
    }
    const readBy = i > 70 ? "pagemap-scan" as const : "pagemap" as const;
    const known = PAGE_FLAGS.slice(i % 30 === 0 ? 2 : 0);
    const sinceClear = clears.get(pid) ?? null;
    const vmas = vmasOf(i >> 2);
    const fields = { process, vmas, pages: pagesOf(i), readBy, known, sinceClear };
    writer.read(
      snapshot("0 rw-p - .", { ...fields, atNs: atNs + 1e6, durationNs: i, stoppedNs: 1 }),
    );
    if (i % 30 === 7) writer.note({ type: "mark", text: `remark ${i} é`, atNs });
    if (i % 30 === 8) writer.note({ type: "fork", process, parentPid: 1, atNs });
    if (i % 30 === 9) writer.note({ type: "exec", process, atNs });
    const message = `what was found ${i} é`;
    if (i % 30 === 10) writer.note({ type: "untracked", process, reason: "zombie", message, atNs });
    if (i % 30 === 11) writer.note({ type: "warning", process, code: "later", message, atNs });
    if (i === 60) writer.note({ type: "exit", pid: 44, reason: "process-exited", atNs });
  }
}

/** All that a snapshot reports, as `list_dirty.py --all` prints it. */
export function plainSnapshot(one: Snapshot): unknown {
  const { process, atNs, durationNs, stoppedNs, sinceClear, readBy, known, vmas, pages } = one;
  const rows = vmas.map((vma) => [
    ...[vma.start, vma.end, vma.perms, vma.offsetPages, vma.device, vma.inode, vma.name],
  ]);
  return {
    process: [process.pid, process.startTimeTicks, process.command],
    times: [atNs, durationNs, stoppedNs],
    clearAtNs: sinceClear?.atNs ?? null,
    readBy,
    reported: known,
    mappings: rows,
    dirty: plainRuns(one.dirty),
    pages: Object.fromEntries(
      PAGE_FLAGS.filter((flag) => !pages[flag].isEmpty).map((
        flag,
      ) => [flag, plainRuns(pages[flag])]),
    ),
  };
}

/** First page and number of pages of each run. */
export function plainRuns(set: PageSet): number[][] {
  return Array.from(set.runs(), (run) => [run.start, run.pageCount]);
}
