/**
 * Who else uses the bits by which writes are tracked: the process itself, by files that it has open, and
 * other programs.
 *
 * @module
 */

import type { ProcFs } from "../proc/proc_fs.ts";
import { unlessGone } from "../proc/proc_errors.ts";

/** What a process has open that has to do with the tracking of its own pages. */
export interface OpenedByTarget {
  /** True for its own `pagemap`, where it reads which of its pages were written. */
  readonly pagemap: boolean;
  /** True for its own `clear_refs`, where it clears its soft-dirty bits. */
  readonly clearRefs: boolean;
  /** True for a userfaultfd, which is for its own memory unless another process handed it over. */
  readonly userfaultfd: boolean;
}

const USERFAULTFD = "anon_inode:[userfaultfd]";

/** A file of a process, or of one of its threads, wherever /proc is mounted; "self" is resolved. */
const PROC_FILE = /\/(\d+)(?:\/task\/(\d+))?\/(pagemap|clear_refs)(?: \(deleted\))?$/;

/**
 * Looks at the descriptors of a process; nothing is open of one that may not be looked at. A process that
 * opens these files for each look is not seen.
 */
export function openedBy(proc: ProcFs, pid: number): OpenedByTarget {
  let [pagemap, clearRefs, userfaultfd] = [false, false, false];
  let own: ReadonlySet<string> | undefined;
  for (const { target } of proc.descriptors(pid)) {
    if (target === USERFAULTFD) userfaultfd = true;
    const [, ofPid, ofThread, file] = PROC_FILE.exec(target) ?? [];
    if (file === undefined) continue;
    own ??= namesOf(proc, pid);
    if (!own.has(ofPid) && !own.has(ofThread)) continue;
    if (file === "pagemap") pagemap = true;
    else clearRefs = true;
  }
  return { pagemap, clearRefs, userfaultfd };
}

/** The numbers by which a process can name itself: also that in the pid namespace that it lives in. */
function namesOf(proc: ProcFs, pid: number): ReadonlySet<string> {
  const inNamespaces = unlessGone(() => proc.statusField(pid, "NSpid").split(/\s+/)) ?? [];
  const threads = unlessGone(() => proc.threadIds(pid)) ?? [];
  return new Set(
    [String(pid), ...inNamespaces, ...threads.map(String)].filter((one) => one !== ""),
  );
}

/** A process that looks at the pages of another one. */
export interface PagemapReaderProcess {
  readonly pid: number;
  readonly command: string;
}

/** One look at all descriptors of the machine serves for so long: a group has many processes. */
const LOOK_LASTS_MS = 1000;

/** Finds the processes that have the pagemap of another one open, as trackers do. */
export class PagemapReaders {
  readonly #proc: ProcFs;
  readonly #ownPid: number;
  #readers: ReadonlyMap<number, readonly PagemapReaderProcess[]> = new Map();
  #lookedMs = -Infinity;

  /** @param ownPid this program, which is left out */
  constructor(proc: ProcFs, ownPid: number) {
    this.#proc = proc;
    this.#ownPid = ownPid;
  }

  /** The other processes that have the pagemap of this one open, as far as this user may see. */
  of(pid: number): readonly PagemapReaderProcess[] {
    if (performance.now() - this.#lookedMs > LOOK_LASTS_MS) {
      this.#readers = this.#look();
      this.#lookedMs = performance.now();
    }
    return this.#readers.get(pid) ?? [];
  }

  #look(): ReadonlyMap<number, readonly PagemapReaderProcess[]> {
    const readers = new Map<number, PagemapReaderProcess[]>();
    for (const pid of this.#proc.pids()) {
      if (pid === this.#ownPid) continue;
      const read = this.#proc.descriptors(pid).flatMap(({ target }) => {
        const [, ofPid, , file] = PROC_FILE.exec(target) ?? [];
        return file === "pagemap" && Number(ofPid) !== pid ? [Number(ofPid)] : [];
      });
      if (read.length === 0) continue;
      const command = unlessGone(() => this.#proc.rawStat(pid))?.command ?? "";
      for (const one of new Set(read)) {
        const known = readers.get(one) ?? [];
        known.push({ pid, command });
        readers.set(one, known);
      }
    }
    return readers;
  }
}
