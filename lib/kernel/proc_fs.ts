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
import { join } from "node:path";
import { ProcessError } from "../core/errors.ts";
import { programOf } from "../core/program.ts";
import { parsePageSize } from "./auxv.ts";
import { filePieces } from "./file_pieces.ts";
import { parseMapsPiece, settledMaps } from "./maps.ts";
import { processError, unlessGone } from "./proc_errors.ts";
import { type ProcessMemory, processMemory, type ProcFile, procFile } from "./proc_files.ts";
import { type MappingUsage, parseSmaps } from "./smaps.ts";
import { isEnding, isKernelThread, parseStat, type ProcessStat } from "./stat.ts";
import type { Vma } from "../core/vma.ts";

/** Of a command line, which can have megabytes. */
const COMMAND_LINE_BYTES = 4096;

/** A mounted proc file system. */
export class ProcFs {
  readonly #root: string;

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
      throw new RangeError(`Pid ${pid} is not a positive integer`);
    }
    const stat = this.rawStat(pid);
    if (isKernelThread(stat)) {
      throw new ProcessError(
        "kernel-thread",
        pid,
        `Pid ${pid} (${stat.command}) is a thread of the kernel and has no memory of its own`,
      );
    }
    if (isEnding(stat)) {
      throw new ProcessError(
        "zombie",
        pid,
        this.#threadCount(pid) > 1
          ? `The main thread of process ${pid} (${stat.command}) has ended while others run`
          : `Process ${pid} (${stat.command}) has exited; what is left of it waits for its parent`,
        "The kernel shows no memory for it",
      );
    }
    return stat;
  }

  /** What `stat` says of a process, whatever it is. */
  rawStat(pid: number): ProcessStat {
    return parseStat(this.#text(pid, "stat"));
  }

  /** What a process runs, where its name does not tell; undefined also if that cannot be read. */
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

  /** The descriptors that a process has for a file; none of a process that may not be looked at. */
  descriptorsOf(pid: number, file: string): number[] {
    const folder = join(this.#root, String(pid), "fd");
    const isOfFile = (fd: string) => unlessGone(() => readlinkSync(join(folder, fd))) === file;
    return (unlessGone(() => readdirSync(folder)) ?? []).filter(isOfFile).map(Number);
  }

  /** The flags that a file was opened with; 0 if it was closed again. */
  openFlags(pid: number, descriptor: number): number {
    const file = join(this.#root, String(pid), "fdinfo", String(descriptor));
    const text = unlessGone(() => readFileSync(file, "utf8")) ?? "";
    return parseInt(/^flags:\s*([0-7]+)/m.exec(text)?.[1] ?? "0", 8);
  }

  #threadCount(pid: number): number {
    return this.#attempt(pid, "task", (path) => readdirSync(path).length);
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
    return this.#text(pid, "maps");
  }

  /** The same in pieces of whole lines, for what may be hundreds of megabytes; see `file_pieces.ts`. */
  mapsPieces(pid: number): Generator<Uint8Array, void, void> {
    return this.#pieces(pid, "maps");
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
    return this.#attempt(pid, "task", (path) => readdirSync(path).map(Number));
  }

  /** The state of each thread, a letter as in proc_pid_stat(5). A thread that ends meanwhile has none. */
  threadStates(pid: number): string[] {
    return this.threadIds(pid).flatMap((tid) => {
      try {
        return [parseStat(this.#text(pid, `task/${tid}/stat`)).state];
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

  /** Opens the pagemap. It goes on to show the address space that the process has at this moment. */
  openPagemap(pid: number): ProcFile {
    return procFile(this.#attempt(pid, "pagemap", (path) => openSync(path, "r")));
  }

  /** Clears the soft-dirty bits of a process; `Documentation/admin-guide/mm/soft-dirty.rst`. */
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

  *#pieces(pid: number, name: string): Generator<Uint8Array, void, void> {
    const pieces = filePieces(join(this.#root, String(pid), name));
    try {
      for (;;) {
        const next = this.#attempt(pid, name, () => pieces.next());
        if (next.done) return;
        yield next.value;
      }
    } finally {
      pieces.return();
    }
  }

  #text(pid: number, name: string): string {
    return this.#attempt(pid, name, (path) => readFileSync(path, "utf8"));
  }

  #attempt<T>(pid: number, name: string, action: (path: string) => T): T {
    const path = join(this.#root, String(pid), name);
    try {
      return action(path);
    } catch (cause) {
      throw processError(pid, path, cause) ?? cause;
    }
  }
}
