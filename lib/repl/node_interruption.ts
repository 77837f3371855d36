/**
 * Ctrl-C at Node's prompt. Code that waits is interrupted by the key; code that does not wait, by a
 * signal upon which V8 gives up whatever runs, without its `finally`. So that this never happens within a
 * call that has, say, stopped a thread of the target, the terminal makes no signal of Ctrl-C here: another
 * thread reads the key, and sends the signal where that does no harm.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";
import process from "node:process";
import type { REPLServer } from "node:repl";
import { Worker } from "node:worker_threads";
import { SoftdirtyError } from "../core/errors.ts";
import type { Interruption } from "./interruptible_source.ts";
import { CALLING, CELLS, IDLE, isPressed, LINE, RUNNING, STATE, THROWN } from "./sync_state.ts";

/** What Node says of code that was interrupted. */
const INTERRUPTED = "ERR_SCRIPT_EXECUTION_INTERRUPTED";
/** How long the signal can take that was sent before a call began. */
const SIGNAL_MS = 2000;

/** One line that was typed, while it is evaluated and for what it leaves running. */
interface Evaluation {
  readonly stop: AbortController;
  isDone: boolean;
}

/** Knows which line calls, and whether it was interrupted. */
export class NodeInterruption implements Interruption {
  readonly #evaluations = new AsyncLocalStorage<Evaluation>();
  readonly #cells = new Int32Array(new SharedArrayBuffer(4 * CELLS));
  #latest: Evaluation | undefined;
  #watcher: Worker | undefined;
  #depth = 0;

  /**
   * Starts the thread that reads keys.
   *
   * @returns false if there is none, as without `/proc`: then code that does not wait continues
   */
  start(): Promise<boolean> {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const watcher = new Worker(new URL(`./key_watcher.${extension}`, import.meta.url), {
      workerData: this.#cells,
    });
    return new Promise((resolve) => {
      watcher.once("message", () => {
        this.#watcher = watcher;
        resolve(true);
      });
      watcher.once("error", () => resolve(false));
    });
  }

  get signal(): AbortSignal | undefined {
    return this.#evaluations.getStore()?.stop.signal;
  }

  whole<T>(call: () => T): T {
    const isSync = Atomics.load(this.#cells, STATE) !== IDLE;
    if (isSync && this.#depth === 0) this.#beginCall();
    this.#depth++;
    try {
      return call();
    } finally {
      this.#depth--;
      if (isSync && this.#depth === 0) this.#endCall();
    }
  }

  waiting<T>(call: () => Promise<T>): Promise<T> {
    return call();
  }

  /**
   * Has each line that a shell evaluates run as one that can be interrupted.
   *
   * @param onBroken is called if a call was broken off in the middle all the same
   */
  watch(shell: REPLServer, onBroken: () => void): void {
    const evaluate = shell.eval;
    const run: typeof evaluate = (code, context, file, done) => {
      const evaluation: Evaluation = { stop: new AbortController(), isDone: false };
      this.#latest = evaluation;
      const finish: typeof done = (error, result) => {
        evaluation.isDone = true;
        done(isInterrupted(error) ? interrupted() : error, result);
      };
      this.#beginSync();
      this.#evaluations.run(
        evaluation,
        () => evaluate.call(shell, code, context, file, finish),
      );
      if (this.#endSync()) evaluation.stop.abort();
      // What runs later is never broken off: V8 does that only to code that does not wait.
      if (this.#depth > 0) onBroken();
    };
    Object.defineProperty(shell, "eval", { value: run, configurable: true });
    // Errors of code that does not wait are not handed over, but come from here.
    const { _domain: domain } = shell as { _domain?: EventEmitter };
    domain?.prependListener("error", (error) => {
      this.#endSync();
      if (this.#latest !== undefined) this.#latest.isDone = true;
      if (!isInterrupted(error)) return;
      delete error.code;
      error.stack = String(interrupted());
    });
    shell.on("SIGINT", () => {
      if (this.#latest?.isDone === false) this.#latest.stop.abort();
    });
    // Given back to the terminal's stream: written to the shell, keys that edit would be text.
    this.#watcher?.on("message", (typed: string) => process.stdin.unshift(Buffer.from(typed)));
    shell.once("exit", () => void this.#watcher?.terminate());
  }

  #beginSync(): void {
    const { stdin } = process;
    // Node would have the terminal make signals.
    Object.defineProperty(stdin, "setRawMode", { value: () => stdin, configurable: true });
    // Node's watchdog does nothing where there is a listener.
    process.off("SIGINT", ignore);
    Atomics.add(this.#cells, LINE, 1);
    Atomics.store(this.#cells, STATE, RUNNING);
    Atomics.notify(this.#cells, STATE);
  }

  /** Can be called more than once; says whether Ctrl-C was pressed meanwhile. */
  #endSync(): boolean {
    Atomics.store(this.#cells, STATE, IDLE);
    // Node leaves the signal deadly behind; it may come a moment too late.
    if (!process.listeners("SIGINT").includes(ignore)) process.on("SIGINT", ignore);
    delete (process.stdin as Partial<typeof process.stdin>).setRawMode;
    return isPressed(this.#cells);
  }

  /** Does not begin where the signal is on its way, which ends this loop. */
  #beginCall(): void {
    const endMs = performance.now() + SIGNAL_MS;
    for (;;) {
      const before = Atomics.compareExchange(this.#cells, STATE, RUNNING, CALLING);
      if (before === RUNNING) return;
      if (before === THROWN || performance.now() > endMs) throw interrupted();
    }
  }

  #endCall(): void {
    const isOver = isPressed(this.#cells);
    if (isOver) this.#evaluations.getStore()?.stop.abort();
    Atomics.store(this.#cells, STATE, isOver ? THROWN : RUNNING);
  }
}

function ignore(): void {}

function interrupted(): SoftdirtyError {
  return new SoftdirtyError("interrupted", "Interrupted");
}

function isInterrupted(error: unknown): error is { code?: string; stack?: string } {
  return (error as NodeJS.ErrnoException | null)?.code === INTERRUPTED;
}
