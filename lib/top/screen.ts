/**
 * The whole terminal, taken for a while and given back as it was, however this program ends (but for
 * SIGKILL).
 *
 * @module
 */

import { writeSync } from "node:fs";
import process from "node:process";
import { emitKeypressEvents } from "node:readline";
import { cleanUp } from "../files/clean_up.ts";

/** Alternate screen, no cursor, no wrapping of lines. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";
const WIDTH = 80;
const HEIGHT = 24;

/** What a key press is: its name, as `node:readline` reports it, or the character. */
export interface Key {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean | undefined;
}

/** What is reported of it. */
export interface ScreenEvents {
  onKey(key: Key): void;
  /** The terminal has another size, or shows nothing any more. */
  onChange(): void;
}

/** The terminal while it is ours. */
export class Screen {
  readonly #events: ScreenEvents;
  readonly #keep: () => void;
  readonly #onKey = (_: unknown, key: Key) => {
    if (key?.ctrl && key.name === "z") this.#suspend();
    else this.#events.onKey(key);
  };
  readonly #onResize = () => this.#refresh();
  readonly #onStop = () => this.#suspend();
  readonly #onGoOn = () => this.#resume();
  #lines: readonly string[] = [];
  #isTaken = false;

  /** Takes the terminal. */
  constructor(events: ScreenEvents) {
    this.#events = events;
    this.#keep = cleanUp(() => this.#give());
    process.on("SIGTSTP", this.#onStop);
    process.on("SIGCONT", this.#onGoOn);
    process.stdout.on("resize", this.#onResize);
    emitKeypressEvents(process.stdin);
    process.stdin.on("keypress", this.#onKey);
    this.#take();
    process.stdin.resume();
  }

  /** In characters. */
  get size(): { readonly columns: number; readonly rows: number } {
    const { columns, rows } = process.stdout;
    return { columns: columns || WIDTH, rows: rows || HEIGHT };
  }

  /** Shows lines, and writes only those that changed: a slow connection may lie between. */
  draw(lines: readonly string[]): void {
    if (!this.#isTaken) return;
    let text = "";
    for (let i = 0; i < Math.max(lines.length, this.#lines.length); i++) {
      const line = lines[i] ?? "";
      // Erased first: behind the last column, a terminal would erase what stands in it.
      if (line !== this.#lines[i]) text += `\x1b[${i + 1};1H\x1b[K${line}\x1b[0m`;
    }
    this.#lines = [...lines];
    if (text !== "") process.stdout.write(`\x1b[?2026h${text}\x1b[?2026l`);
  }

  /** Gives the terminal back. May be called more than once. */
  close(): void {
    this.#keep();
    process.off("SIGTSTP", this.#onStop);
    process.off("SIGCONT", this.#onGoOn);
    process.stdout.off("resize", this.#onResize);
    process.stdin.off("keypress", this.#onKey);
    process.stdin.pause();
    this.#give();
  }

  #take(): void {
    if (this.#isTaken) return;
    this.#isTaken = true;
    process.stdin.setRawMode?.(true);
    writeAll(ENTER);
    this.#lines = [];
  }

  #give(): void {
    if (!this.#isTaken) return;
    this.#isTaken = false;
    process.stdin.setRawMode?.(false);
    writeAll(LEAVE);
  }

  #suspend(): void {
    this.#give();
    try {
      // The whole job, so that whatever started this program stops with it.
      process.kill(0, "SIGSTOP");
    } catch {
      process.kill(process.pid, "SIGSTOP");
    }
  }

  #resume(): void {
    this.#take();
    this.#events.onChange();
  }

  #refresh(): void {
    this.#lines = [];
    writeAll("\x1b[2J");
    this.#events.onChange();
  }
}

/** At once, since this program may be about to end; a terminal that has gone takes nothing any more. */
function writeAll(text: string): void {
  try {
    writeSync(process.stdout.fd, text);
  } catch {
    // The terminal is gone.
  }
}
