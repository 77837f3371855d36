/**
 * A process that prints, and what it has printed.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { constants, setPriority } from "node:os";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** A process whose lines are counted. */
export class PrintingTarget {
  readonly pid: number;
  /** How many lines of each kind it has printed. */
  readonly lines = new Map<string, number>();
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid!;
    createInterface({ input: child.stdout! }).on("line", (line) => {
      this.lines.set(line, (this.lines.get(line) ?? 0) + 1);
    });
  }

  /** Starts a program beside this file under Deno, and waits until it prints. */
  static async start(main: string): Promise<PrintingTarget> {
    const path = fileURLToPath(new URL(main, import.meta.url));
    const child = spawn("deno", ["run", "-A", path], { stdio: ["ignore", "pipe", "inherit"] });
    const target = new PrintingTarget(child);
    await target.printed(1);
    // On the one processor of a VM, what is to disturb it comes first.
    setPriority(target.pid, constants.priority.PRIORITY_LOW);
    return target;
  }

  get lineCount(): number {
    return [...this.lines.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Waits for so many more lines. */
  async printed(count: number): Promise<void> {
    const wanted = this.lineCount + count;
    while (this.lineCount < wanted) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`The target ended: ${this.#child.signalCode ?? this.#child.exitCode}`);
      }
      await sleep(10);
    }
  }

  /** Ends it. */
  async end(): Promise<void> {
    const exited = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await exited;
  }
}
