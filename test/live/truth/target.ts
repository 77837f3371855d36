/**
 * Drives the target process: the C library of another process, and memory in an area of its own.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { CallFailed } from "./call_failed.ts";
import { MAP, PAGE, PROT } from "./constants.ts";
import { Memory } from "./memory.ts";
import { restoreSettings } from "./kernel_settings.ts";
import { LeftOut } from "./mode.ts";
import type { CallName } from "./target_calls.ts";
import type { Answer, Step } from "./target_main.ts";

/** 128 MiB; huge pages are aligned within it. */
const AREA_PAGES = 1 << 15;
const HUGE = 1 << 21;

/**
 * The heap is taken at once and never trimmed, so that the runtime does not move the break; what
 * lies beyond the break is then the test's alone.
 */
const ENVIRONMENT = {
  ...process.env,
  GLIBC_TUNABLES: "glibc.malloc.top_pad=268435456:glibc.malloc.trim_threshold=1099511627776",
};

/** The runtime that this runs under, or the one on the path. */
const DENO = process.versions.deno === undefined ? "deno" : process.execPath;

/** A process that executes the steps that it is given. */
export class Target {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  #reserved: Memory | undefined;
  #area: Memory | undefined;
  #hasChild = false;
  #descriptors: number[] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid!;
    this.#answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  /** Starts one. */
  static async start(): Promise<Target> {
    const main = fileURLToPath(new URL("./target_main.ts", import.meta.url));
    const child = spawn(DENO, ["run", "-A", main], {
      stdio: ["pipe", "pipe", "inherit"],
      env: ENVIRONMENT,
    });
    const target = new Target(child);
    await target.allowHugePages(false);
    return target;
  }

  /** Takes a step, and waits until it is done. */
  async step(step: Step): Promise<number> {
    this.#child.stdin!.write(`${JSON.stringify(step)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`The target ended at ${JSON.stringify(step)}`);
    const answer = JSON.parse(value) as Answer;
    if ("errno" in answer) throw new CallFailed(step, answer.errno);
    return answer.result;
  }

  call(name: CallName, ...args: Array<number | string>): Promise<number> {
    return this.step({ do: "call", name, args });
  }

  /** The area of its own that the target reserved. Nothing in it may be touched until it is mapped. */
  get area(): Memory {
    return this.#area!;
  }

  /**
   * Gives up all that a mode made, and reserves another area. The kernel merges neighbours that are
   * alike; a flag that no neighbour has keeps it from merging the edges of the area with one.
   */
  async renew(): Promise<void> {
    restoreSettings();
    if (this.#hasChild) await this.step({ do: "endChild" });
    this.#hasChild = false;
    for (const file of this.#descriptors.splice(0)) await this.call("close", file);
    const old = this.#reserved;
    if (old !== undefined) await this.call("munmap", old.address, old.bytes);
    const bytes = AREA_PAGES * PAGE + HUGE;
    const flags = MAP.private | MAP.anonymous | MAP.noReserve;
    const address = await this.call("mmap", 0, bytes, PROT.none, flags, -1, 0);
    this.#reserved = new Memory(this, address, bytes / PAGE);
    await this.#reserved.advise("dontFork");
    this.#area = new Memory(this, Math.ceil(address / HUGE) * HUGE, AREA_PAGES);
  }

  /** Memory of the target that lies elsewhere. */
  memory(address: number, pageCount: number): Memory {
    return new Memory(this, address, pageCount);
  }

  /** Maps pages of the area for reading and writing; private and anonymous if nothing is said. */
  async map(
    index: number,
    pageCount: number,
    how: { flags?: number; file?: number; offsetPages?: number } = {},
  ): Promise<Memory> {
    const memory = this.area.part(index, pageCount);
    const flags = MAP.fixed | (how.flags ?? MAP.private | MAP.anonymous);
    const offset = (how.offsetPages ?? 0) * PAGE;
    const { address, bytes } = memory;
    await this.call("mmap", address, bytes, PROT.readWrite, flags, how.file ?? -1, offset);
    return memory;
  }

  /** Remembers a descriptor of the target, to be closed with the next {@linkcode renew}. */
  async descriptor(call: Promise<number>): Promise<number> {
    const file = await call;
    this.#descriptors.push(file);
    return file;
  }

  /**
   * Forks a child that does nothing until it gets a step; returns its pid.
   *
   * @throws LeftOut if there is none for this processor
   */
  async fork(): Promise<number> {
    if (process.arch !== "x64") throw new LeftOut(`no code of a forked child for ${process.arch}`);
    const pid = await this.step({ do: "fork" });
    this.#hasChild = true;
    return pid;
  }

  /** Writes to memory of the target as a debugger does, not as it writes itself. */
  poke(address: number, bytes: Uint8Array): void {
    const file = openSync(`/proc/${this.pid}/mem`, "r+");
    try {
      writeSync(file, bytes, 0, bytes.length, address);
    } finally {
      closeSync(file);
    }
  }

  /** Reads memory of the target as a debugger does. */
  peek(address: number, lengthBytes: number): DataView {
    const file = openSync(`/proc/${this.pid}/mem`, "r");
    try {
      const bytes = new Uint8Array(lengthBytes);
      readSync(file, bytes, 0, lengthBytes, address);
      return new DataView(bytes.buffer);
    } finally {
      closeSync(file);
    }
  }

  /** A huge page is dirty as a whole, so only the modes about them allow them. */
  async allowHugePages(allowed: boolean): Promise<void> {
    const PR_SET_THP_DISABLE = 41;
    await this.call("prctl", PR_SET_THP_DISABLE, allowed ? 0 : 1, 0, 0, 0);
  }

  /** Ends it. */
  async end(): Promise<void> {
    const exited = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await exited;
  }
}
