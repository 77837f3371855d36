/** Parts of a report that are looked at: a time, a mapping. */

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatBytes } from "../../lib/report/units.ts";
import { openReplay, openTrace } from "../../lib/session/sd.ts";
import { recordingFile } from "../helpers/recordings.ts";
import { openReport, startBrowser } from "./browser.ts";
import { describeInBrowser } from "./in_browser.ts";
import { written } from "./written.ts";

const sd = openReplay(recordingFile("redis"));

describeInBrowser("the report", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  test("narrows every view to a time that is chosen in the chart, and back", async () => {
    const { page } = await openReport(browser, written(openTrace(recordingFile("node"))));
    const status = page.locator(".bar [role=status]");
    const mean = () => page.locator('[data-of="rate"]').getAttribute("data-value").then(Number);
    const [whole, hotRows] = [await mean(), await page.locator("#hot tbody").textContent()];
    const plans = () => page.locator("#plan .sum").allTextContents();
    const phases = () => page.locator("#phases tbody tr td:first-child").allTextContents();
    const headlines = () => page.locator(".verdict").allTextContents();
    const [allPlans, allPhases] = [await plans(), await phases()];
    const allHeadlines = await headlines();
    const box = (await page.locator("#rate .u-over").boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.86, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.97, box.y + 60, { steps: 5 });
    await page.mouse.up();
    expect(await status.textContent()).toMatch(/^Shown: 1\d\.\d s to 2\d\.\d s, all mappings$/);
    expect(await mean()).toBeGreaterThan(whole * 1.3);
    expect(await page.locator("#hot tbody").textContent()).not.toBe(hotRows);
    const [migration, forks] = await plans();
    const reported = await headlines();
    expect(reported).toHaveLength(allHeadlines.length);
    for (const [i, line] of reported.entries()) expect(line).not.toBe(allHeadlines[i]);
    expect(reported[0]).toMatch(/^This part dirties [\d.]+ [KM]iB\/s over \d/);
    expect(reported.filter((line) => line.startsWith("Of the whole trace: "))).toHaveLength(1);
    const [, begin] = /^begun at (1\d\.\d) s: 10\.0 Gbit\/s, 316 ms: /.exec(migration)!;
    expect(Number(begin)).toBeGreaterThan(14);
    expect(forks).toMatch(/^No fork was tried in this time, whose child lives for 5\.00 s/);
    const note = page.getByText("Rates are of this time; the other columns of the whole trace.");
    expect(await note.isVisible()).toBe(true);
    // Two or three windows make no more than two lengths.
    expect(await page.locator('[data-of="wss"]').getAttribute("data-points")).toMatch(/^[12]$/);
    await page.getByRole("button", { name: "Show all" }).click();
    expect(await status.textContent()).toBe("Shown: the whole trace, all mappings");
    expect(await mean()).toBe(whole);
    expect(await note.isVisible()).toBe(false);
    expect(await plans()).toEqual(allPlans);
    expect(await headlines()).toEqual(allHeadlines);
    expect(await phases()).toEqual(allPhases);
    // All forks were tried in the first phase: after it no child lives for 5 s.
    await page.locator("#phases tbody tr").first().click();
    expect(await phases()).toEqual(allPhases.slice(0, 1));
    const [{ moments, pageSizeBytes }] = sd.plan.fork(recordingFile("node"));
    const worst = Math.max(...moments.map(({ copiedPages }) => copiedPages)) * pageSizeBytes;
    expect((await plans())[1]).toMatch(new RegExp(`^Forked at ${moments.length} moments: `));
    expect((await plans())[1]).toContain(formatBytes(worst));
  });

  test("narrows every view to a mapping that is chosen, with the keyboard too", async () => {
    const { page } = await openReport(browser, written(openTrace(recordingFile("node"))));
    const rows = page.locator("#mappings tbody tr");
    await rows.filter({ hasText: "[heap]" }).click();
    expect(await page.locator(".bar [role=status]").textContent()).toMatch(
      /whole trace, \[heap\]$/,
    );
    const [{ mappings }] = sd.rate(recordingFile("node"));
    const { meanBytesPerSecond } = mappings.find(({ name }) => name === "[heap]")!;
    const shown = await page.locator('[data-of="rate"]').getAttribute("data-value");
    expect(Number(shown)).toBeCloseTo(meanBytesPerSecond, 3);
    expect(await page.locator("#mappings .verdict").textContent()).toMatch(
      /^In this part mostly to \[heap\]: .*% of all$/,
    );
    const set = page.locator('[data-of="wss"]');
    expect(await set.textContent()).not.toContain("all mappings");
    const [{ points }] = sd.wss(recordingFile("node"), { where: { mapping: "[heap]" } });
    expect(await set.getAttribute("data-points")).toBe(String(points.length));
    expect(await set.getAttribute("data-median")).toBe(String(points[0].pages.p50));
    expect(new Set(await page.locator("#hot tbody tr td:last-child").allTextContents()))
      .toEqual(new Set(["[heap]"]));
    expect(await page.locator("#phases tbody tr").first().textContent()).toMatch(/KiB\/s/);
    expect(await page.locator("#plan .sum").last().textContent()).toBe(
      "Forecasts are of all mappings.",
    );
    await rows.first().focus();
    await page.keyboard.press("Enter");
    expect(await page.locator(".bar [role=status]").textContent()).toMatch(/all mappings$/);
  });

  test("goes through the heat map with the keyboard, and looks at a time there", async () => {
    const { page } = await openReport(browser, written(openTrace(recordingFile("redis"))));
    const status = page.locator(".bar [role=status]");
    const shownTime = async () => {
      const [, from, to] = /^Shown: ([\d.]+) s to ([\d.]+) s,/.exec((await status.textContent())!)!;
      return [Number(from), Number(to)];
    };
    await page.locator("#heat .map").focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press("+");
    const middle = await page.locator("#cell").textContent();
    expect(middle).toMatch(/^[0-9a-f]+ \(.*\) in .* dirty pages? in 1 window$/);
    await page.keyboard.press("Enter");
    const [from, to] = await shownTime();
    // 0.8 to the power of 4 of 24 windows in 19 s, in the middle.
    expect(to - from).toBeGreaterThan(6);
    expect(to - from).toBeLessThan(12);
    await page.getByRole("button", { name: "Show all" }).click();
    await page.locator("#heat .map").focus();
    for (const key of ["+", "+", "+", "+", "ArrowRight", "ArrowRight", "ArrowDown"]) {
      await page.keyboard.press(key);
    }
    expect(await page.locator("#cell").textContent()).not.toBe(middle);
    await page.keyboard.press("Enter");
    expect((await shownTime())[0]).toBeGreaterThan(from);
  });
});
