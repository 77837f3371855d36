/**
 * Drives the target process: the C library of another process, and memory in an area of its own.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { PageSet } from "../../../lib/core/page_set.ts";
import { ADVICE, MAP, PAGE, PROT } from "./constants.ts";
import type { Answer, CallName, Step } from "./target_main.ts";

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

/** A call of the C library failed in the target. */
export class CallFailed extends Error {
  /** The name of the error number. */
  readonly errno: string;

  constructor(step: Step, errno: string) {
    super(`${step.do === "call" ? step.name : step.do} failed in the target: ${errno}`);
    this.errno = errno;
  }
}

/** Some pages of the target; indices count from its first page. */
export class Memory {
  readonly target: Target;
  /** The address of its first byte. */
  readonly address: number;
  readonly pageCount: number;

  constructor(target: Target, address: number, pageCount: number) {
    this.target = target;
    this.address = address;
    this.pageCount = pageCount;
  }

  get bytes(): number {
    return this.pageCount * PAGE;
  }

  /** The address of a page. */
  at(index: number): number {
    return this.address + index * PAGE;
  }

  part(index: number, pageCount: number): Memory {
    return new Memory(this.target, this.at(index), pageCount);
  }

  /** The pages as a set; all of them if no indices are given. */
  pages(indices: readonly number[] = range(0, this.pageCount)): PageSet {
    const first = this.address / PAGE;
    return PageSet.from(indices.map((index) => ({ start: first + index, end: first + index + 1 })));
  }

  /** Writes a byte of each of these pages, and returns their set; of all if no indices are given. */
  async write(indices: readonly number[] = range(0, this.pageCount)): Promise<PageSet> {
    await this.target.step({ do: "write", addresses: indices.map((index) => this.at(index)) });
    return this.pages(indices);
  }

  /** Reads a byte of each of these pages. */
  async look(indices: readonly number[] = range(0, this.pageCount)): Promise<void> {
    await this.target.step({ do: "look", addresses: indices.map((index) => this.at(index)) });
  }

  /** Has the forked child write a byte of each of these pages. */
  async childWrite(indices: readonly number[]): Promise<PageSet> {
    await this.target.step({
      do: "childWrite",
      addresses: indices.map((index) => this.at(index)),
    });
    return this.pages(indices);
  }

  advise(advice: keyof typeof ADVICE): Promise<number> {
    return this.target.call("madvise", this.address, this.bytes, ADVICE[advice]);
  }
}

/** A process that does what it is told. */
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

  /** Forks a child that does nothing until it is told; returns its pid. */
  async fork(): Promise<number> {
    const pid = await this.step({ do: "fork" });
    this.#hasChild = true;
    return pid;
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

/** Numbers from `from` to before `to`, each `step`th. */
export function range(from: number, to: number, step = 1): number[] {
  return Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
}
