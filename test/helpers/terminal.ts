/**
 * A terminal: a command runs in one that script(1) makes, and what it draws is read from an emulator.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import xterm from "@xterm/headless";
import { shellLine } from "./softdirty.ts";

/** One character of a terminal. */
export interface TerminalCell {
  readonly text: string;
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly isInverse: boolean;
  readonly isUnderlined: boolean;
}

/** A command that runs in a terminal. */
export class TestTerminal {
  readonly #child: ChildProcess;
  readonly #screen: InstanceType<typeof xterm.Terminal>;
  readonly #ended: Promise<number | null>;
  /** All bytes that were written to it. */
  raw = "";

  /** @param shell a command line of the shell; `$SOFTDIRTY` runs the command */
  constructor(shell: string, columns = 80, rows = 24, env: Record<string, string> = {}) {
    this.#screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    const folder = mkdtempSync(join(tmpdir(), "softdirty-command-"));
    const command = join(folder, "softdirty");
    writeFileSync(command, `#!/bin/sh\nexec ${shellLine()} "$@"\n`, { mode: 0o755 });
    const script = `stty cols ${columns} rows ${rows}; ${shell}`;
    this.#child = spawn("script", ["-qfec", script, "/dev/null"], {
      stdio: ["pipe", "pipe", "inherit"],
      env: {
        ...process.env,
        ...{ TERM: "xterm-256color", LC_ALL: "C.UTF-8", SHELL: "/bin/sh" },
        SOFTDIRTY: command,
        ...env,
      },
    });
    this.#child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.raw += text;
      this.#screen.write(text);
    });
    this.#ended = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.once("close", () => rmSync(folder, { recursive: true }));
  }

  /** The lines that are seen. */
  get lines(): string[] {
    const { buffer: { active }, rows } = this.#screen;
    return Array.from(
      { length: rows },
      (_, i) => active.getLine(active.baseY + i)!.translateToString(true).trimEnd(),
    );
  }

  /** The same, with how each character is shown. */
  get cells(): TerminalCell[][] {
    const { buffer: { active }, rows, cols } = this.#screen;
    return Array.from({ length: rows }, (_, y) => {
      const line = active.getLine(active.baseY + y)!;
      return Array.from({ length: cols }, (_, x) => {
        const cell = line.getCell(x)!;
        return {
          text: cell.getChars() || " ",
          isBold: cell.isBold() !== 0,
          isDim: cell.isDim() !== 0,
          isInverse: cell.isInverse() !== 0,
          isUnderlined: cell.isUnderline() !== 0,
        };
      });
    });
  }

  /** True while the alternate screen is shown. */
  get isAlternate(): boolean {
    return this.#screen.buffer.active.type === "alternate";
  }

  /** Presses keys. */
  type(text: string): void {
    this.#child.stdin!.write(text);
  }

  /** Ends all that runs in it. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Waits until a line of what is seen is like this, and returns all of it. */
  async sees(wanted: RegExp, timeoutMs = 20_000): Promise<string> {
    const endMs = performance.now() + timeoutMs;
    for (;;) {
      const seen = this.lines.join("\n");
      if (wanted.test(seen)) return seen;
      if (performance.now() > endMs) throw new Error(`${wanted} is not seen in\n${seen}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Waits for the end, and returns the exit code. */
  async ended(): Promise<number | null> {
    const code = await this.#ended;
    await new Promise<void>((resolve) => this.#screen.write("", resolve));
    return code;
  }
}
