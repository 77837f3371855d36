/// <reference lib="dom" />
/**
 * Tables that are sorted by a click on a heading, and searched by text.
 *
 * @module
 */

import { element } from "./dom.ts";

/** A column: how a row is shown in it, and how it is sorted. */
export interface TableColumn<T> {
  readonly heading: string;
  readonly text: (row: T) => string;
  readonly value: (row: T) => number | string;
}

/** Rows that are shown at a time. */
const SHOWN = 100;

/** A table over rows that may change. */
export class DataTable<T> {
  readonly view: HTMLElement;
  readonly #columns: readonly TableColumn<T>[];
  readonly #body = element("tbody", {});
  readonly #headings: HTMLTableCellElement[];
  readonly #search = element("input", {
    type: "search",
    placeholder: "Search",
    "aria-label": "Search",
  });
  readonly #more = element("p", { class: "sum" });
  readonly #onChoose: ((row: T) => void) | undefined;
  #rows: readonly T[] = [];
  #sortedBy: number;
  #isDescending = true;

  /**
   * @param sortedBy the number of the column by which it is sorted first, the largest first
   * @param onChoose is called with a row that is clicked, or chosen by the keyboard
   */
  constructor(
    columns: readonly TableColumn<T>[],
    sortedBy: number,
    onChoose?: (row: T) => void,
  ) {
    this.#columns = columns;
    this.#sortedBy = sortedBy;
    this.#onChoose = onChoose;
    this.#headings = columns.map(({ heading }, i) => {
      const button = element("button", { type: "button" }, heading);
      button.addEventListener("click", () => this.#sortBy(i));
      return element("th", { scope: "col" }, button);
    });
    this.#search.addEventListener("input", () => this.#draw());
    const head = element("thead", {}, element("tr", {}, ...this.#headings));
    this.view = element(
      "div",
      { class: "table" },
      this.#search,
      element("div", { class: "scroll" }, element("table", {}, head, this.#body)),
      this.#more,
    );
  }

  /** Shows these rows. */
  show(rows: readonly T[]): void {
    this.#rows = rows;
    this.#draw();
  }

  #sortBy(column: number): void {
    this.#isDescending = column === this.#sortedBy ? !this.#isDescending : true;
    this.#sortedBy = column;
    this.#draw();
  }

  #draw(): void {
    const wanted = this.#search.value.toLowerCase();
    const found = this.#rows.filter((row) =>
      this.#columns.some(({ text }) => text(row).toLowerCase().includes(wanted))
    );
    const { value } = this.#columns[this.#sortedBy];
    const sign = this.#isDescending ? -1 : 1;
    const sorted = [...found].sort((a, b) => {
      const [x, y] = [value(a), value(b)];
      return (x < y ? -1 : x > y ? 1 : 0) * sign;
    });
    for (const [i, heading] of this.#headings.entries()) {
      const order = this.#isDescending ? "descending" : "ascending";
      heading.setAttribute("aria-sort", i === this.#sortedBy ? order : "none");
    }
    this.#body.replaceChildren(...sorted.slice(0, SHOWN).map((row) => this.#row(row)));
    const rest = sorted.length - SHOWN;
    this.#more.textContent = rest > 0 ? `and ${rest} more: search for them` : "";
  }

  #row(row: T): HTMLTableRowElement {
    const made = element(
      "tr",
      {},
      ...this.#columns.map(({ text, value }) =>
        element("td", { class: typeof value(row) === "number" ? "number" : "" }, text(row))
      ),
    );
    if (this.#onChoose !== undefined) {
      made.tabIndex = 0;
      made.addEventListener("click", () => this.#onChoose!(row));
      made.addEventListener("keydown", ({ key }) => {
        if (key === "Enter") this.#onChoose!(row);
      });
    }
    return made;
  }
}
