/**
 * The script and the style of HTML reports, which `npm run prepare` makes of `lib/page`.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SoftdirtyError } from "../core/errors.ts";

/** Beside the package's own modules, and from the sources. */
const FOLDERS = ["../../page/", "../../dist/page/"];

/**
 * Reads them.
 *
 * @throws SoftdirtyError if they were not made.
 */
export function pageAssets(): { readonly script: string; readonly style: string } {
  for (const folder of FOLDERS) {
    const path = (name: string) => fileURLToPath(new URL(folder + name, import.meta.url));
    if (!existsSync(path("report.js"))) continue;
    const read = (name: string) => readFileSync(path(name), "utf8");
    return { script: read("report.js"), style: read("uPlot.min.css") + read("report.css") };
  }
  throw new SoftdirtyError(
    "not-built",
    "The script of HTML reports is not there",
    "In a checkout, npm run prepare makes it",
  );
}
