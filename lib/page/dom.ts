/// <reference lib="dom" />
/**
 * Makes elements. Text is only ever text: nothing here takes HTML.
 *
 * @module
 */

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** An element with attributes and children; a child that is a string becomes text. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

/** A part of the report: its question, the answer in a line, and what shows it. */
export function section(
  id: string,
  question: string,
  verdict: string,
  ...children: (Node | string)[]
): HTMLElement {
  return element(
    "section",
    { id, "aria-labelledby": `${id}-question` },
    element("h2", { id: `${id}-question` }, question),
    element("p", { class: "verdict" }, verdict),
    ...children,
  );
}

/** Text without what a terminal or a reader of bidirectional text would obey. */
export function plain(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "�");
}

/** A mapping's name as it is shown. */
export function shownName(name: string | null): string {
  return name === null ? "?" : name === "" ? "[anon]" : plain(name);
}

/** The width that a view has, in CSS pixels. */
export function widthOf(view: HTMLElement): number {
  return Math.max(200, view.clientWidth);
}
