/**
 * Runs the program that attaches, in a process of its own that can be killed.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { AttachStep } from "../../lib/kernel/inject/attach_sequence.ts";

/** What it is to do. */
export interface ToolOptions {
  /** How often it attaches; for ever, or nearly, with a large number. */
  readonly rounds?: number;
  /** Kills itself there with SIGKILL. */
  readonly dieAt?: AttachStep;
  /** Pauses there until {@linkcode Tool.goOn}. */
  readonly pauseAt?: AttachStep;
  /** Suspends itself there with this signal. */
  readonly suspendAt?: AttachStep;
  readonly suspendBy?: "SIGSTOP" | "SIGTSTP";
  readonly hasOwnTable?: boolean;
  /** Does not report its steps, which takes time. */
  readonly isQuiet?: boolean;
  /** Lives on until it is ended. */
  readonly stays?: boolean;
}

/** How it ended. */
export interface ToolEnd {
  /** The steps that it reported. */
  readonly steps: readonly string[];
  /** How long each whole round stopped the target. */
  readonly stopsNs: readonly number[];
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly signal: NodeJS.Signals | null;
}

const MAIN = fileURLToPath(new URL("./tool_main.mjs", import.meta.url));
const RUNTIME = "deno" in process.versions ? ["run", "-A"] : [];

/** One run of it. */
export class Tool {
  readonly pid: number;
  /** Once it has ended. */
  readonly end: Promise<ToolEnd>;
  readonly #child: ChildProcess;
  readonly #steps: string[] = [];
  readonly #stopsNs: number[] = [];
  readonly #lines = new Set<string>();
  #error: ToolEnd["error"];
  #onLine = () => {};

  constructor(pid: number, options: ToolOptions) {
    const words = [...RUNTIME, MAIN, String(pid), JSON.stringify(options)];
    const child = spawn(process.execPath, words, { stdio: ["pipe", "pipe", "inherit"] });
    this.#child = child;
    this.pid = child.pid!;
    createInterface({ input: child.stdout! }).on("line", (line) => this.#take(line));
    this.end = new Promise((resolve) => {
      child.once("close", (_, signal) => {
        this.#onLine();
        resolve({
          steps: this.#steps,
          stopsNs: this.#stopsNs,
          error: this.#error,
          signal,
        });
      });
    });
  }

  /** How long each whole round stopped the target, so far. */
  get stopsNs(): readonly number[] {
    return this.#stopsNs;
  }

  get lastStep(): string | undefined {
    return this.#steps.at(-1);
  }

  /** Waits until this is true, or the program has ended. */
  async until(isSo: (tool: Tool) => boolean): Promise<void> {
    while (!isSo(this)) {
      const { exitCode, signalCode } = this.#child;
      if (exitCode !== null || signalCode !== null) {
        throw new Error(`The tool has ended: ${JSON.stringify(await this.end)}`);
      }
      await new Promise<void>((resolve) => this.#onLine = resolve);
    }
  }

  /** Waits for a line such as `done`, or the first word of it. */
  untilTold(word: "done" | "paused" | "error"): Promise<void> {
    return this.until(() => this.#lines.has(word));
  }

  goOn(): void {
    this.#child.stdin!.write("\n");
  }

  kill(): Promise<ToolEnd> {
    this.#child.kill("SIGKILL");
    return this.end;
  }

  #take(line: string): void {
    const [word] = line.split(" ", 1);
    const rest = line.slice(word.length + 1);
    this.#lines.add(word);
    if (word === "step") this.#steps.push(rest);
    else if (word === "round") this.#stopsNs.push(Number(rest));
    else if (word === "error") this.#error = JSON.parse(rest);
    this.#onLine();
  }
}
