/**
 * What the user of `top` looks at, and what keys make of that.
 *
 * @module
 */

import { mappingRows, processRows, type Sort, sortedRows, SORTS } from "../report/top/top_rows.ts";
import { workingSetLine } from "../report/top/tracking_lines.ts";
import { topHelpLines } from "../report/top/top_help.ts";
import type { TopLook } from "../report/top/top_text.ts";
import type { TopFeed } from "./feed.ts";
import type { Key } from "./screen.ts";
import { typedText } from "./typed_text.ts";

const KEYS = ["s sort", "/ find", "space pause"];

/** One user's view of a feed. */
export class TopView {
  readonly #feed: TopFeed;
  #pid: number | undefined;
  #sort: Sort = "rate";
  #isReversed = false;
  #wanted = "";
  #isTyping = false;
  #isHelp = false;
  #chosen: string | undefined;
  /** True once the user has chosen; until then it is the first row, whichever that is. */
  #isChosen = false;
  /** While paused, what is shown. */
  #frozen: TopLook | undefined;
  /** The keys of the rows that were shown last. */
  #shown: readonly string[] = [];

  /** @param pid the process whose mappings are shown first */
  constructor(feed: TopFeed, pid?: number) {
    this.#feed = feed;
    this.#pid = pid;
  }

  /** What is to be shown now. */
  look(): TopLook {
    const fresh = this.#frozen ?? this.#look();
    this.#shown = fresh.table.rows.map(({ key }) => key);
    if (!this.#isChosen || !this.#shown.includes(this.#chosen ?? "")) {
      [this.#chosen, this.#isChosen] = [this.#shown[0], false];
    }
    // In front, where no terminal is too narrow for it.
    const status = this.#frozen === undefined
      ? fresh.status
      : [`paused: ${fresh.status[0]}`, ...fresh.status.slice(1)];
    const text = this.#isHelp ? { text: topHelpLines() } : {};
    return { ...fresh, status, chosen: this.#chosen, ...text };
  }

  #look(): TopLook {
    const { table: recent, empty, help } = this.#feed;
    const sorted = <T extends Parameters<typeof sortedRows>[0][number]>(rows: T[]) =>
      sortedRows(rows, this.#sort, this.#isReversed, this.#wanted);
    const process = this.#pid === undefined ? undefined : recent.of(this.#pid);
    const status = this.#feed.status();
    if (process?.state !== undefined) {
      status.push(workingSetLine(process.state));
    }
    if (this.#isTyping || this.#wanted !== "") {
      status.push(`with the text: ${this.#wanted}${this.#isTyping ? "_" : ""}`);
    }
    return {
      status,
      table: process === undefined
        ? { of: "processes", rows: sorted(processRows(recent.states)) }
        : { of: "mappings", rows: sorted(mappingRows(process)) },
      sort: this.#sort,
      chosen: this.#chosen,
      empty: this.#wanted === "" ? empty : "nothing has that text in its name",
      help: [
        ...["? help", "q quit", `↑↓ ${process === undefined ? "⏎ mappings" : "esc back"}`],
        ...[...this.#wanted === "" ? [] : ["esc end search"], ...KEYS, ...help],
      ],
    };
  }

  /** @returns false if the user wants to leave */
  key(key: Key): boolean {
    const { sequence = "", ctrl } = key;
    const name = key.name ?? sequence;
    if (ctrl && (name === "c" || name === "d")) return false;
    if (this.#isHelp) this.#isHelp = false;
    else if (this.#isTyping) this.#type(key);
    else if (name === "q" && sequence === "q") return false;
    else this.#command(name, sequence);
    return true;
  }

  #type(key: Key): void {
    if (/^(return|enter|escape)$/.test(key.name ?? "")) this.#isTyping = false;
    this.#wanted = typedText(this.#wanted, key);
  }

  #command(name: string, sequence: string): void {
    const step = { up: -1, k: -1, down: 1, j: 1, pageup: -10, pagedown: 10 }[name];
    if (step !== undefined) this.#move(step);
    else if (name === "return" || name === "enter") this.#enter();
    else if (name === "escape" || name === "backspace") this.#leave();
    else if (sequence === "s") this.#sort = SORTS[(SORTS.indexOf(this.#sort) + 1) % SORTS.length];
    else if (sequence === "S") this.#isReversed = !this.#isReversed;
    else if (sequence === "?") this.#isHelp = true;
    else if (sequence === "/") this.#isTyping = true;
    else if (name === "space") this.#frozen = this.#frozen === undefined ? this.#look() : undefined;
    else this.#feed.key(/^[+-]$/.test(sequence) ? sequence : name);
  }

  #move(step: number): void {
    const at = this.#shown.indexOf(this.#chosen ?? "");
    this.#chosen = this.#shown[Math.max(0, Math.min(this.#shown.length - 1, at + step))];
    this.#isChosen = true;
  }

  #enter(): void {
    if (this.#pid !== undefined || this.#chosen === undefined) return;
    [this.#pid, this.#isChosen] = [Number(this.#chosen), false];
    [this.#wanted, this.#frozen] = ["", undefined];
  }

  #leave(): void {
    if (this.#wanted !== "") this.#wanted = "";
    else if (this.#pid !== undefined) {
      [this.#chosen, this.#isChosen, this.#pid] = [String(this.#pid), true, undefined];
    }
    this.#frozen = undefined;
  }
}
