/**
 * HTML and SVG for notebooks. All text comes in through here, since names are hostile.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";
import { plainText } from "../../core/plain_text.ts";
import type { Block, TableBlock } from "../table.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that is nothing but text in HTML and XML, also within quotes. */
export function escaped(text: string): string {
  const plain = plainText(stripVTControlCharacters(text));
  return plain.replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** Lines as paragraphs, the first in bold, and tables as tables. */
export function blocksHtml(blocks: readonly Block[]): string {
  const shown = blocks.filter((block) => block !== "");
  return shown.map((block, i) => {
    if (typeof block !== "string") return tableHtml(block);
    const text = escaped(block);
    return i === 0 ? `<p><strong>${text}</strong></p>` : `<p>${text}</p>`;
  }).join("\n");
}

function tableHtml({ columns, rows }: TableBlock): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((text, i) =>
      `<${tag} style="text-align:${columns[i].align};white-space:nowrap">${escaped(text)}</${tag}>`
    ).join("");
  const headings = columns.map(({ heading }) => heading);
  const head = headings.every((heading) => heading === "")
    ? ""
    : `<thead><tr>${cells("th", headings)}</tr></thead>`;
  const body = rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("\n");
  return `<table>${head}<tbody>${body}</tbody></table>`;
}
