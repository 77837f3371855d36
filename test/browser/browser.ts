/**
 * Debian's Chromium. Where it is missing, that is said, or is a failure with `SOFTDIRTY_REQUIRE_LIVE=1`.
 *
 * @module
 */

import { existsSync } from "node:fs";
import process from "node:process";
import { type Browser, chromium, type Page } from "playwright-core";
import { describe } from "vitest";
import { CHROMIUM } from "./chromium.ts";

const FLAGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
];

/** Starts one, with an empty profile. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** `describe`, where there is a browser. */
export function describeInBrowser(name: string, body: () => void): void {
  const isThere = existsSync(CHROMIUM);
  if (!isThere && process.env.SOFTDIRTY_REQUIRE_LIVE === "1") {
    throw new Error(`Cannot be left out: there is no ${CHROMIUM}`);
  }
  if (!isThere) console.log(`LEFT OUT: tests in a browser: there is no ${CHROMIUM}`);
  (isThere ? describe : describe.skip)(name, body);
}

/** A page over a report, and what must not happen in it. */
export interface OpenReport {
  readonly page: Page;
  /** Messages of the console, errors, and requests for anything but the report itself. */
  readonly complaints: readonly string[];
}

/** Opens a report from disk, and waits until it has drawn itself. */
export async function openReport(
  browser: Browser,
  file: string,
  width = 1280,
): Promise<OpenReport> {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  page.on("request", (request) => {
    if (request.url() !== `file://${file}`) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(`file://${file}`);
  await page.waitForSelector("html[data-ready]");
  // What observes its size has settled after two frames.
  await page.evaluate(
    "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
  );
  return { page, complaints };
}
