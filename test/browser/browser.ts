/**
 * Debian's Chromium, and reports that are opened in it.
 *
 * @module
 */

import { type Browser, chromium, type Page } from "playwright-core";
import { CHROMIUM } from "./chromium.ts";

const FLAGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
];

/** Starts one, with an empty profile. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
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
