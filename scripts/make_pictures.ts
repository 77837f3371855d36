/**
 * `npm run pictures`: makes the pictures of the README again, from committed recordings. Needs Debian's
 * Chromium.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { openReport, startBrowser } from "../test/browser/browser.ts";
import { topPicture } from "./pictures/top_picture.ts";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

/** The upper part of a report. */
async function reportPicture(): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), "softdirty-pictures-"));
  const file = join(folder, "report.html");
  const command = [
    "dist/lib/bundle/main.js",
    "report",
    "recordings/traces/redis.sdtrace",
    "-o",
    file,
  ];
  const { status, stderr } = spawnSync("node", command, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  const browser = await startBrowser();
  try {
    const { page } = await openReport(browser, file, 1000);
    await page.setViewportSize({ width: 1000, height: 1250 });
    return await page.screenshot({ type: "png" });
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
}

writeFileSync("recordings/pictures/report.png", await reportPicture());
writeFileSync("recordings/pictures/top.svg", await topPicture());
