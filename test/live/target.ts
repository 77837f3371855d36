/**
 * Drives a target process step by step.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Snapshot } from "../../lib/core/snapshot.ts";
import { filterByConditions } from "../../lib/core/filter.ts";
import { denoProgram } from "../helpers/deno_program.ts";
import type { Step } from "./target_main.ts";

const PAGE = 4096;
const AREA_PAGES = 1 << 14;

/** A process that executes the steps that it is given. */
export class Target {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  #area = 0;
  #areaPages = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid!;
    this.#answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  /** Starts one, with an area of 16,384 pages. */
  static async start(): Promise<Target> {
    const main = fileURLToPath(new URL("./target_main.ts", import.meta.url));
    const child = spawn(denoProgram(), ["run", "-A", main], { stdio: ["pipe", "pipe", "inherit"] });
    const target = new Target(child);
    await target.renew();
    return target;
  }

  /** Gives up the area, and reserves another one of so many pages. */
  async renew(pages = AREA_PAGES): Promise<void> {
    this.#area = await this.step({ do: "reserve", pages });
    this.#areaPages = pages;
  }

  /** Takes a step, and waits until it is done. */
  async step(step: Step): Promise<number> {
    this.#child.stdin!.write(`${JSON.stringify(step)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`The target ended at ${JSON.stringify(step)}`);
    return JSON.parse(value).result;
  }

  map = (page: number, pages: number) => this.step({ do: "map", page, pages });
  unmap = (page: number, pages: number) => this.step({ do: "unmap", page, pages });
  drop = (page: number, pages: number) => this.step({ do: "drop", page, pages });
  protect = (page: number, pages: number, writable: boolean) =>
    this.step({ do: "protect", page, pages, writable });
  write = (pages: number[]) => this.step({ do: "write", pages });
  look = (pages: number[]) => this.step({ do: "look", pages });

  /** The address of a page of the area, in hexadecimal. */
  addressOf(page: number): string {
    return (this.#area + page * PAGE).toString(16);
  }

  /** The part of a snapshot that shows the area. */
  area(snapshot: Snapshot): Snapshot {
    return filterByConditions(snapshot, {
      minAddress: this.#area,
      maxAddress: this.#area + this.#areaPages * PAGE,
    });
  }

  /** Page numbers of a set, counted from the start of the area. */
  pagesOf(set: { runs(): Iterable<{ start: number; end: number }> }): number[] {
    const first = this.#area / PAGE;
    return Array.from(
      set.runs(),
      ({ start, end }) => Array.from({ length: end - start }, (_, i) => start - first + i),
    ).flat();
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
