/**
 * One self-contained page: data, script and style are in it, and its policy lets nothing else in.
 *
 * Names of processes and mappings are hostile: they are only in the data, which is JSON that can hold
 * no tag, and the script puts them into the page as text.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { plainJson } from "../../core/plain_text.ts";
import type { ReportData } from "./report_data.ts";

/** What a page is made of, besides its data. */
export interface PageAssets {
  readonly script: string;
  readonly style: string;
}

/** The page as HTML. */
export function htmlPage(data: ReportData, { script, style }: PageAssets): string {
  const policy = [
    "default-src 'none'",
    `script-src '${sourceHash(script)}'`,
    `style-src '${sourceHash(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>softdirty report</title>
<style>${style}</style>
</head>
<body>
<noscript>This report draws itself with a script, which is in it.</noscript>
<main id="report"></main>
<script type="application/json" id="data">${harmlessJson(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/** JSON in which nothing ends a script, and nothing is invisible to who reads the source. */
function harmlessJson(data: unknown): string {
  return plainJson(data).replace(
    /[<>&]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** As a policy names what may run. */
function sourceHash(source: string): string {
  return `sha256-${createHash("sha256").update(source).digest("base64")}`;
}
