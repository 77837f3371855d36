/**
 * A program that answers each line with a line of JSON.
 *
 * @module
 */

import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The path of a program in `targets/`. */
export function targetPath(name: string): string {
  return fileURLToPath(new URL(`./targets/${name}`, import.meta.url));
}

/** One such program. */
export class LineProgram {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Once it has ended. */
  readonly exit: Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }>;
  readonly #answers: AsyncIterator<string>;

  constructor(command: readonly string[], options: SpawnOptions = {}) {
    this.child = spawn(command[0], command.slice(1), {
      stdio: ["pipe", "pipe", "inherit"],
      ...options,
    });
    this.pid = this.child.pid!;
    this.exit = new Promise((resolve) =>
      this.child.once("exit", (exitCode, signal) => resolve({ exitCode, signal }))
    );
    this.#answers = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
  }

  send(line: unknown): void {
    this.child.stdin!.write(`${JSON.stringify(line)}\n`);
  }

  // deno-lint-ignore no-explicit-any
  async answer(): Promise<any> {
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`The target has ended: ${JSON.stringify(await this.exit)}`);
    return JSON.parse(value);
  }

  // deno-lint-ignore no-explicit-any
  ask(line: unknown): Promise<any> {
    this.send(line);
    return this.answer();
  }

  async end(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exit;
  }
}
