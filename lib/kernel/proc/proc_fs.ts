/**
 * The only file that opens `/proc`. It takes the root folder, so that a test can hand it a fake one.
 *
 * @module
 */

import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  writeSync,
} from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { ArgumentError, ProcessError } from "../../core/errors.ts";
import { programOf } from "../../core/program.ts";
import { parsePageSize, type ProgramKind, programKind } from "./auxv.ts";
import { filePieces } from "./file_pieces.ts";
import { KeptText } from "./kept_text.ts";
import { parseMapsPiece, settledMaps } from "./maps.ts";
import { processError, unlessGone } from "./proc_errors.ts";
import { type ProcessMemory, processMemory, type ProcFile, procFile } from "./proc_files.ts";
import { type MappingUsage, parseSmaps } from "./smaps.ts";
import { isEnding, isKernelThread, parseStat, type ProcessStat } from "./stat.ts";
import type { Vma } from "../../core/vma.ts";

/** Of a command line, which can have megabytes. */
const COMMAND_LINE_BYTES = 4096;

/** A mounted proc file system. */
export class ProcFs {
  readonly #root: string;
  /**
   * Of processes whose first thread has ended: another one that lives, by whose files the kernel still
   * shows the memory that all of them have.
   */
  readonly #threads = new Map<number, number>();

  constructor(root = "/proc") {
    this.#root = root;
  }

  /** The page size in bytes. */
  pageSizeBytes(): number {
    return parsePageSize(readFileSync(join(this.#root, "self/auxv")));
  }

  /** The kernel's release, as `uname -r` prints it. */
  kernelRelease(): string {
    return readFileSync(join(this.#root, "sys/kernel/osrelease"), "utf8").trim();
  }

  /**
   * Which process this is.
   *
   * @throws ProcessError if there is none, or it has no memory of its own.
   */
  stat(pid: number): ProcessStat {
    if (!Number.isInteger(pid) || pid <= 0) {
      throw new ArgumentError(`Pid ${pid} is not a positive integer`);
    }
    const stat = this.rawStat(pid);
    if (isKernelThread(stat)) {
      throw new ProcessError(
        "kernel-thread",
        pid,
        `Pid ${pid} (${stat.command}) is a thread of the kernel and has no memory of its own`,
      );
    }
    const living = this.livingStat(stat);
    if (living !== undefined) return living;
    throw new ProcessError(
      "zombie",
      pid,
      `Process ${pid} (${stat.command}) has exited; what is left of it waits for its parent`,
      "The kernel shows no memory for it",
    );
  }

  /** What `stat` says of a process, whatever it is: of its first thread, which can have ended. */
  rawStat(pid: number): ProcessStat {
    return parseStat(this.#leaderText(pid, "stat"));
  }

  /**
   * The same, if the process lives; undefined if it has ended. A process lives on when its first thread
   * has ended and others run: how it stands is what one of them says.
   */
  livingStat(stat: ProcessStat): ProcessStat | undefined {
    if (!isEnding(stat)) {
      if (this.#threads.size > 0) this.#threads.delete(stat.pid); // after an exec there is a first again
      return stat;
    }
    const thread = this.#findThread(stat.pid);
    if (thread === undefined) return undefined;
    const { state, flags, residentPages } = thread;
    return { ...stat, state, flags, residentPages };
  }

  /** The thread by which a process is looked at: its first, as long as that lives. */
  threadOf(pid: number): number {
    return this.#threads.get(pid) ?? pid;
  }

  /** Finds a thread that lives, and looks at the process by it from here on. */
  #findThread(pid: number): ProcessStat | undefined {
    const living = (tid: number) => {
      const stat = unlessGone(() => parseStat(this.#leaderText(pid, `task/${tid}/stat`)));
      return stat === undefined || isEnding(stat) ? undefined : stat;
    };
    const known = living(this.threadOf(pid));
    if (known !== undefined) return known;
    this.#threads.delete(pid);
    for (const tid of unlessGone(() => this.threadIds(pid)) ?? []) {
      const stat = living(tid);
      if (stat === undefined) continue;
      this.#threads.set(pid, tid);
      return stat;
    }
  }

  /** True if the process was looked at by a thread that has ended, and can be looked at by another. */
  #changesThread(pid: number): boolean {
    const before = this.threadOf(pid);
    const stat = unlessGone(() => this.rawStat(pid));
    if (stat === undefined || (before === pid && !isEnding(stat))) return false;
    return this.livingStat(stat) !== undefined && this.threadOf(pid) !== before;
  }

  /** What a process runs, where its name says less; undefined also if that cannot be read. */
  programOf(pid: number, command: string): string | undefined {
    const bytes = new Uint8Array(COMMAND_LINE_BYTES);
    const text = unlessGone(() => {
      const file = openSync(join(this.#root, String(pid), "cmdline"), "r");
      try {
        return new TextDecoder().decode(bytes.subarray(0, readSync(file, bytes)));
      } finally {
        closeSync(file);
      }
    });
    return text === undefined ? undefined : programOf(text, command);
  }

  /** All processes that this root shows. */
  pids(): number[] {
    if (!existsSync(this.#root)) return []; // another system
    return readdirSync(this.#root).filter((name) => /^\d+$/.test(name)).map(Number);
  }

  /**
   * Refuses the id of a thread that is not its process's first: the kernel would take it, and clear and
   * show the memory of the whole process under another number.
   */
  assertIsProcess(pid: number): void {
    const threadGroupId = Number(this.statusField(pid, "Tgid"));
    if (threadGroupId === pid) return;
    throw new ProcessError(
      "no-such-process",
      pid,
      `${pid} is a thread of process ${threadGroupId}`,
      `Track ${threadGroupId}`,
    );
  }

  /** What the descriptors of a process stand for; none of a process that may not be looked at. */
  descriptors(pid: number): { readonly descriptor: number; readonly target: string }[] {
    const folder = join(this.#folder(pid), "fd");
    return (unlessGone(() => readdirSync(folder)) ?? []).flatMap((fd) => {
      const target = unlessGone(() => readlinkSync(join(folder, fd)));
      return target === undefined ? [] : [{ descriptor: Number(fd), target }];
    });
  }

  /** The descriptors that a process has for a file. */
  descriptorsOf(pid: number, file: string): number[] {
    return this.descriptors(pid).filter(({ target }) => target === file)
      .map(({ descriptor }) => descriptor);
  }

  /** The flags that a file was opened with; 0 if it was closed again. */
  openFlags(pid: number, descriptor: number): number {
    const text = this.descriptorText(pid, descriptor);
    return parseInt(/^flags:\s*([0-7]+)/m.exec(text)?.[1] ?? "0", 8);
  }

  /** What the kernel says of a descriptor, `fdinfo` of proc_pid_fdinfo(5); empty if it was closed. */
  descriptorText(pid: number, descriptor: number): string {
    const file = join(this.#folder(pid), "fdinfo", String(descriptor));
    return unlessGone(() => readFileSync(file, "utf8")) ?? "";
  }

  /** False if KSM has no page of a process to merge; true also where it does not say. */
  mayBeMerged(pid: number): boolean {
    const file = join(this.#root, String(pid), "ksm_stat");
    const text = unlessGone(() => readFileSync(file, "utf8")) ?? "";
    // Newer kernels say it. On others, pages that were merged into the page of zeros count apart, or
    // before Linux 6.6 not at all.
    const said = /^ksm_mergeable: (yes|no)$/m.exec(text)?.[1];
    if (said !== undefined) return said === "yes";
    return !/^ksm_rmap_items 0$/m.test(text) || !/^ksm_zero_pages 0$/m.test(text);
  }

  /** The system's counts of what happens to memory. */
  vmstat(): KeptText {
    return new KeptText(join(this.#root, "vmstat"));
  }

  /** The mappings of a process, ascending and disjoint. */
  maps(pid: number, pageSizeBytes: number): readonly Vma[] {
    return settledMaps(() => {
      const names = new Map<string, string>();
      const vmas: Vma[] = [];
      for (const piece of this.mapsPieces(pid)) {
        for (const vma of parseMapsPiece(piece, pageSizeBytes, names)) vmas.push(vma);
      }
      return vmas;
    });
  }

  /** What the kernel prints of them, which is not always in order: see {@linkcode readMaps}. */
  mapsText(pid: number): string {
    for (;;) {
      const text = this.#text(pid, "maps");
      // Of a thread that has ended it shows nothing.
      if (text !== "" || !this.#changesThread(pid)) return text;
    }
  }

  /** The same in pieces of whole lines, for what may be hundreds of megabytes; see `file_pieces.ts`. */
  mapsPieces(pid: number): Generator<Uint8Array, void, void> {
    return this.#pieces(pid, "maps");
  }

  /** Stands for all that the kernel prints of them: it is the same only if that is. */
  mapsDigest(pid: number): string {
    const hash = createHash("sha256");
    for (const piece of this.mapsPieces(pid)) hash.update(piece);
    return hash.digest("base64");
  }

  /** The mappings of a process with what is in them; walks all of its page tables. */
  smaps(pid: number, pageSizeBytes: number): MappingUsage[] {
    return parseSmaps(this.#pieces(pid, "smaps"), pageSizeBytes);
  }

  /** How many pages of a process are in RAM, approximately; proc_pid_statm(5). */
  residentPages(pid: number): number {
    return Number(this.#text(pid, "statm").split(" ")[1]);
  }

  /** A field of `/proc/PID/status`, or of a thread's; proc_pid_status(5). Empty if there is none. */
  statusField(pid: number, field: string): string {
    return this.statusFields(pid, field)[0];
  }

  /** Several of them, as of one moment. */
  statusFields(pid: number, ...fields: readonly string[]): string[] {
    const text = this.#text(pid, "status");
    return fields.map((field) => new RegExp(`^${field}:\\s*(.*)$`, "m").exec(text)?.[1] ?? "");
  }

  /** The function of the kernel in which the first thread waits; empty if that is not to be seen. */
  waitChannel(pid: number): string {
    return unlessGone(() => readFileSync(join(this.#root, String(pid), "wchan"), "utf8")) ?? "";
  }

  /** The ids of the threads of a process. */
  threadIds(pid: number): number[] {
    return this.#attemptLeader(pid, "task", (path) => readdirSync(path).map(Number));
  }

  /** The state of each thread, a letter as in proc_pid_stat(5). A thread that ends meanwhile has none. */
  threadStates(pid: number): string[] {
    return this.threadIds(pid).flatMap((tid) => {
      try {
        return [parseStat(this.#leaderText(pid, `task/${tid}/stat`)).state];
      } catch (error) {
        if (error instanceof ProcessError && error.code === "no-such-process") return [];
        throw error;
      }
    });
  }

  /** The path of the control group (version 2) of a process, below where groups are mounted. */
  cgroupPath(pid: number): string | undefined {
    return /^0::(.*)$/m.exec(this.#text(pid, "cgroup"))?.[1];
  }

  /** What kind of program a process runs; undefined if that is not to be seen. */
  programKind(pid: number): ProgramKind | undefined {
    const auxv = unlessGone(() => this.#attempt(pid, "auxv", (path) => readFileSync(path)));
    return auxv && programKind(auxv);
  }

  /** What is mounted; proc_pid_mountinfo(5). */
  mountinfo(): string {
    return readFileSync(join(this.#root, "self/mountinfo"), "utf8");
  }

  /** A setting of the kernel, as `kernel/yama/ptrace_scope`; undefined if this kernel has none. */
  setting(name: string): string | undefined {
    try {
      return readFileSync(join(this.#root, "sys", name), "utf8").trim();
    } catch {
      return undefined;
    }
  }

  /** Opens the memory of a process; it needs the rights of ptrace(2). */
  openMemory(pid: number): ProcessMemory {
    return processMemory(this.#attempt(pid, "mem", (path) => openSync(path, "r+")));
  }

  /** Opens the pagemap. It continues to show the address space that the process has at this moment. */
  openPagemap(pid: number): ProcFile {
    for (;;) {
      const file = procFile(this.#attempt(pid, "pagemap", (path) => openSync(path, "r")));
      // Of a thread that has ended it shows nothing.
      if (file.read(new Uint8Array(8), 0) > 0 || !this.#changesThread(pid)) return file;
      file.close();
    }
  }

  /**
   * Clears the soft-dirty bits of a process; `Documentation/admin-guide/mm/soft-dirty.rst`. The kernel
   * does nothing, and says nothing, if the thread of {@linkcode threadOf} has ended by then.
   */
  clearSoftDirty(pid: number): void {
    const clearRefs = this.openClearRefs(pid);
    try {
      this.#attempt(pid, "clear_refs", () => clearRefs.write("4"));
    } finally {
      clearRefs.close();
    }
  }

  /** Opens `clear_refs`, which alone changes nothing. */
  openClearRefs(pid: number): { write(text: string): void; close(): void } {
    const file = this.#attempt(pid, "clear_refs", (path) => openSync(path, "w"));
    return { write: (text) => writeSync(file, text), close: () => closeSync(file) };
  }

  /** The folder with the files that show the memory of a process. */
  #folder(pid: number): string {
    const thread = this.#threads.get(pid);
    // Each take asks for several, and join() costs more than the system calls for a short file.
    const folder = `${this.#root}/${pid}`;
    return thread === undefined ? folder : `${folder}/task/${thread}`;
  }

  *#pieces(pid: number, name: string): Generator<Uint8Array, void, void> {
    for (let isShown = false; !isShown;) {
      const file = this.#attempt(pid, name, (path) => openSync(path, "r"));
      const pieces = filePieces(file);
      try {
        for (;;) {
          // What was shown of one thread is not continued as that of another.
          const attempt = <T>(action: () => T) =>
            isShown
              ? this.#attemptAt(pid, `${this.#folder(pid)}/${name}`, action)
              : this.#attempt(pid, name, action);
          const next = attempt(() => pieces.next());
          if (next.done) break;
          isShown = true;
          yield next.value;
        }
      } finally {
        closeSync(file);
      }
      // Of a thread that has ended it shows nothing.
      if (!isShown && !this.#changesThread(pid)) return;
    }
  }

  #text(pid: number, name: string): string {
    return this.#attempt(pid, name, (path) => readFileSync(path, "utf8"));
  }

  #leaderText(pid: number, name: string): string {
    return this.#attemptLeader(pid, name, (path) => readFileSync(path, "utf8"));
  }

  #attempt<T>(pid: number, name: string, action: (path: string) => T): T {
    for (;;) {
      try {
        return this.#attemptAt(pid, `${this.#folder(pid)}/${name}`, action);
      } catch (error) {
        // Some kernels show no files of a thread that has ended.
        const isMissing = error instanceof ProcessError && error.code === "no-such-process";
        if (!isMissing || !this.#changesThread(pid)) throw error;
      }
    }
  }

  /** With a file of the process's first thread, whether that lives or not. */
  #attemptLeader<T>(pid: number, name: string, action: (path: string) => T): T {
    return this.#attemptAt(pid, `${this.#root}/${pid}/${name}`, action);
  }

  #attemptAt<T>(pid: number, path: string, action: (path: string) => T): T {
    try {
      return action(path);
    } catch (cause) {
      throw processError(pid, path, cause) ?? cause;
    }
  }
}
