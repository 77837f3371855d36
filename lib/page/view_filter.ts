/// <reference lib="dom" />
/**
 * What the reader looks at: a range of time, a mapping, or all. Every view is notified of changes.
 *
 * @module
 */

import { plainText } from "../core/plain_text.ts";
import { formatDuration } from "../report/units.ts";
import { element, shownName } from "./dom.ts";
import type { ShownProcess } from "./unpacked.ts";

/** What is looked at. */
export interface Look {
  /** Columns from this one to before the other. */
  readonly from: number;
  readonly to: number;
  /** The name of a mapping; undefined for all. */
  readonly name: string | undefined;
  readonly isAllTime: boolean;
  /** True if that is all of the time and all mappings. */
  readonly isWhole: boolean;
}

/** Holds it, for one process. */
export class ViewFilter {
  readonly #process: ShownProcess;
  readonly #views: ((look: Look) => void)[] = [];
  readonly #text = element("span", { role: "status" });
  #from = 0;
  #to: number;
  #name: string | undefined;

  constructor(process: ShownProcess) {
    this.#process = process;
    this.#to = process.series.columns.length;
  }

  /** Calls a view, now and when something changes. */
  on(view: (look: Look) => void): void {
    this.#views.push(view);
  }

  /** Looks at a range of time, in nanoseconds since the session began. */
  time(startNs: number, endNs: number): void {
    const { columns } = this.#process.series;
    const from = columns.findIndex((column) => column.endNs > startNs);
    const last = columns.findLastIndex((column) => column.startNs < endNs);
    if (from < 0 || last < from) return;
    [this.#from, this.#to] = [from, last + 1];
    this.update();
  }

  /** Looks at a mapping; at all again if it is the one already. */
  mapping(name: string): void {
    this.#name = this.#name === name ? undefined : name;
    this.update();
  }

  /** Looks at all again. */
  all(): void {
    [this.#from, this.#to, this.#name] = [0, this.#process.series.columns.length, undefined];
    this.update();
  }

  /** Updates every view. */
  update(): void {
    const { columns } = this.#process.series;
    const isAllTime = this.#from === 0 && this.#to === columns.length;
    const isWhole = isAllTime && this.#name === undefined;
    const [first, last] = [columns[this.#from], columns[this.#to - 1]];
    const time = isAllTime
      ? "the whole trace"
      : `${formatDuration(first.startNs)} to ${formatDuration(last.endNs)}`;
    const name = this.#name === undefined ? "all mappings" : shownName(this.#name);
    this.#text.textContent = `Shown: ${time}, ${name}`;
    for (const view of this.#views) {
      view({ from: this.#from, to: this.#to, name: this.#name, isAllTime, isWhole });
    }
  }

  /**
   * The answer to a question, in a line: that of the command, or of the part that is looked at.
   *
   * @param ofPart the text for a part; without it, the line says that it is of the whole trace
   */
  headline(ofAll: string, ofPart?: (look: Look) => string): HTMLElement {
    const line = element("p", { class: "verdict" }, ofAll);
    this.on((look) => {
      line.textContent = plainText(
        look.isWhole ? ofAll : ofPart?.(look) ?? `Of the whole trace: ${ofAll}`,
      );
    });
    return line;
  }

  /** Says what is looked at, and leads back to all. */
  bar(): HTMLElement {
    const button = element("button", { type: "button" }, "Show all");
    button.addEventListener("click", () => this.all());
    this.on(({ isWhole }) => button.disabled = isWhole);
    return element("div", { class: "bar" }, this.#text, button);
  }
}
