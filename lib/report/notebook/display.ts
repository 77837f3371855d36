/**
 * How results show themselves in notebooks: by MIME type, as Jupyter takes them from what a cell ends
 * with, and as Deno's kernel asks for.
 *
 * @module
 */

import { stripVTControlCharacters } from "node:util";
import { type Block, blocksText } from "../table.ts";
import { blocksHtml } from "./markup.ts";

/** What Deno's kernel calls. */
export const JUPYTER_DISPLAY = Symbol.for("Jupyter.display");

/** The same, in several ways; a frontend takes the richest that it knows. */
export interface DisplayBundle {
  readonly "text/plain": string;
  readonly "text/html": string;
  readonly "image/svg+xml"?: string;
}

/** Lines and tables, below a picture if there is one. */
export function display(blocks: readonly Block[], picture?: string): DisplayBundle {
  return {
    "text/plain": stripVTControlCharacters(blocksText(blocks)),
    "text/html": `<div>${picture ?? ""}${blocksHtml(blocks)}</div>`,
    ...picture === undefined ? {} : { "image/svg+xml": picture },
  };
}

/** Several results, one below the other. */
export function displayAll(bundles: readonly DisplayBundle[], empty: string): DisplayBundle {
  if (bundles.length === 0) return display([empty]);
  const [picture] = bundles.flatMap((bundle) => bundle["image/svg+xml"] ?? []);
  return {
    "text/plain": bundles.map((bundle) => bundle["text/plain"]).join("\n\n"),
    "text/html": bundles.map((bundle) => bundle["text/html"]).join("\n"),
    // A picture is one: that of the first.
    ...picture === undefined ? {} : { "image/svg+xml": picture },
  };
}
