/**
 * Control groups of version 2; the kernel's `Documentation/admin-guide/cgroup-v2.rst`. Like
 * `proc_fs.ts` for `/proc`, this is the only file that opens them.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KeptText } from "./kept_text.ts";

/** One group, by its folder. */
export class Cgroup {
  /** The folder, as `/sys/fs/cgroup/system.slice/redis.service`. */
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** True if there is such a group. */
  get exists(): boolean {
    return existsSync(join(this.path, "cgroup.procs"));
  }

  /** The processes in this group, those of groups below it left out. */
  get ownPids(): number[] {
    return this.#read("cgroup.procs").split("\n").filter(Boolean).map(Number);
  }

  /** The groups right below this one. */
  get children(): Cgroup[] {
    return readdirSync(this.path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => new Cgroup(join(this.path, entry.name)));
  }

  /** The processes in this group and all groups below it. One that is removed meanwhile has none. */
  get pids(): number[] {
    try {
      return [...this.ownPids, ...this.children.flatMap((child) => child.pids)];
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENODEV") return [];
      throw error;
    }
  }

  /** True if a program has asked for its processes to stop. */
  get isAskedToFreeze(): boolean {
    return this.#read("cgroup.freeze").startsWith("1");
  }

  /** True once every process in it is stopped. */
  get isFrozen(): boolean {
    return /^frozen 1$/m.test(this.#read("cgroup.events"));
  }

  /** Asks for all processes to stop, or to resume. */
  setFrozen(isFrozen: boolean): void {
    writeFileSync(this.freezeFile, isFrozen ? "1" : "0");
  }

  /** What is counted of its memory, to be read again and again. */
  memoryStat(): KeptText {
    return new KeptText(join(this.path, "memory.stat"));
  }

  /** The file that `0` or `1` is written to. */
  get freezeFile(): string {
    return join(this.path, "cgroup.freeze");
  }

  #read(file: string): string {
    return readFileSync(join(this.path, file), "utf8");
  }
}

/** Where groups of version 2 are mounted, from the text of `/proc/self/mountinfo`. */
export function cgroupMount(mountinfo: string): string | undefined {
  for (const line of mountinfo.split("\n")) {
    const [mount, source] = line.split(" - ");
    if (source?.startsWith("cgroup2 ")) return mount.split(" ")[4];
  }
}
