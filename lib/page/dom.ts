/// <reference lib="dom" />
/**
 * Makes elements. Text is only ever text: nothing here takes HTML, and what is invisible or steers the
 * direction of text is shown as an escape, as in a terminal.
 *
 * @module
 */

import { plainText } from "../core/plain_text.ts";

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** An element with attributes and children; a child that is a string becomes text. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(name, value === true ? "" : plainText(String(value)));
  }
  made.append(
    ...children.map((child) => typeof child === "string" ? plainText(child) : child),
  );
  return made;
}

/** A part of the report: its question, the answer in a line, and what shows it. */
export function section(
  id: string,
  question: string,
  verdict: HTMLElement,
  ...children: (Node | string)[]
): HTMLElement {
  return element(
    "section",
    { id, "aria-labelledby": `${id}-question` },
    element("h2", { id: `${id}-question` }, question),
    verdict,
    ...children,
  );
}

/** A mapping's name as it is shown. */
export function shownName(name: string | null): string {
  return name === null ? "?" : name === "" ? "[anon]" : plainText(name);
}

/** The width that a view has, in CSS pixels. */
export function widthOf(view: HTMLElement): number {
  return Math.max(200, view.clientWidth);
}
