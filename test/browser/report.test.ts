/** HTML reports, opened from disk in Debian's Chromium. */

import { once } from "node:events";
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aboutTrace } from "../../lib/report/html/about_trace.ts";
import { htmlPage } from "../../lib/report/html/html_page.ts";
import { reportData } from "../../lib/report/html/report_data.ts";
import { probeUffdWp } from "../../lib/kernel/probe_uffd_wp.ts";
import { ProcFs } from "../../lib/kernel/proc_fs.ts";
import { formatBytes } from "../../lib/report/units.ts";
import { pageAssets } from "../../lib/session/page_assets.ts";
import { openLive, openReplay, openTrace } from "../../lib/session/sd.ts";
import type { TraceReader } from "../../lib/trace/reader.ts";
import { seconds } from "../helpers/drawn_snapshot.ts";
import { readerOf, traceBytes } from "../helpers/memory_trace.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";
import { openReport, startBrowser } from "./browser.ts";
import { describeInBrowser } from "./in_browser.ts";

const sd = openReplay(recordingFile("redis"));

function written(trace: TraceReader): string {
  const file = join(temporaryFolder(), "report.html");
  writeFileSync(file, htmlPage(reportData(trace.snapshots, aboutTrace(trace)), pageAssets()));
  return file;
}

describeInBrowser("the report", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  test.each(RECORDINGS)("of %s draws itself without a complaint or a request", async (name) => {
    const file = written(openTrace(recordingFile(name)));
    for (const width of [1280, 390]) {
      const { page, complaints } = await openReport(browser, file, width);
      expect(complaints).toEqual([]);
      // Nothing sticks out to the side.
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      expect(await page.locator("section").count()).toBe(7);
      expect(await page.locator(".chart canvas").count()).toBe(2);
      const folder = process.env.SOFTDIRTY_SCREENSHOTS;
      if (folder !== undefined) {
        mkdirSync(folder, { recursive: true });
        await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true });
      }
      await page.close();
    }
  });

  test("shows the numbers that the commands tell", async () => {
    const { page } = await openReport(browser, written(openTrace(recordingFile("redis"))));
    const [rate] = sd.rate();
    const shown = async (selector: string) =>
      Number(await page.locator(selector).getAttribute("data-value"));
    expect(await shown('[data-of="rate"]')).toBeCloseTo(rate.meanBytesPerSecond, 3);
    expect(await shown('[data-of="wss"]')).toBe(sd.wss()[0].pageCount);
    const verdicts = await page.locator(".verdict").allTextContents();
    expect(verdicts[0]).toContain("dirties 11.1 MiB/s");
    expect(verdicts.join("\n")).toContain(
      "has half of its dirty pages in 3.70 MiB of the 10.8 MiB",
    );
    const first = await page.locator("#mappings tbody tr").first().locator("td").allTextContents();
    expect(first.slice(0, 1)).toEqual(["[anon]"]);
    expect(first[4]).toBe("99.8 %");
  });

  test("narrows every view to a time that is chosen in the chart, and back", async () => {
    const { page } = await openReport(browser, written(openTrace(recordingFile("node"))));
    const status = page.locator(".bar [role=status]");
    const mean = () => page.locator('[data-of="rate"]').getAttribute("data-value").then(Number);
    const [whole, hotRows] = [await mean(), await page.locator("#hot tbody").textContent()];
    const plans = () => page.locator("#plan .sum").allTextContents();
    const phases = () => page.locator("#phases tbody tr td:first-child").allTextContents();
    const [allPlans, allPhases] = [await plans(), await phases()];
    const box = (await page.locator("#rate .u-over").boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.86, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.97, box.y + 60, { steps: 5 });
    await page.mouse.up();
    expect(await status.textContent()).toMatch(/^Shown: 1\d\.\d s to 2\d\.\d s, all mappings$/);
    expect(await mean()).toBeGreaterThan(whole * 1.3);
    expect(await page.locator("#hot tbody").textContent()).not.toBe(hotRows);
    const [migration, forks, scope] = await plans();
    const [, begin] = /^begun at (1\d\.\d) s: 10\.0 Gbit\/s, 316 ms: /.exec(migration)!;
    expect(Number(begin)).toBeGreaterThan(14);
    expect(forks).toMatch(/^No fork was tried in this time, whose child lives for 5\.00 s/);
    expect(scope).toBe("What is printed in bold is of the whole trace.");
    // Two or three windows make no more than two lengths.
    expect(await page.locator('[data-of="wss"]').getAttribute("data-points")).toMatch(/^[12]$/);
    await page.getByRole("button", { name: "Show all" }).click();
    expect(await status.textContent()).toBe("Shown: the whole trace, all mappings");
    expect(await mean()).toBe(whole);
    expect(await plans()).toEqual(allPlans);
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

  test("sorts and searches its tables", async () => {
    const { page } = await openReport(browser, written(openTrace(recordingFile("redis"))));
    const names = () => page.locator("#mappings tbody tr td:first-child").allTextContents();
    await page.locator("#mappings th").first().getByRole("button").click();
    const descending = await names();
    expect(descending[0] > descending[1]).toBe(true);
    await page.locator("#mappings th").first().getByRole("button").click();
    expect(await page.locator("#mappings th").first().getAttribute("aria-sort")).toBe("ascending");
    await page.locator("#mappings input").fill("libc.so");
    expect(await names()).toEqual(["/usr/lib/x86_64-linux-gnu/libc.so.6"]);
  });

  test("tells of a cell of the heat map under the pointer, and zooms", async () => {
    const { page } = await openReport(browser, written(openTrace(recordingFile("redis"))));
    const canvas = page.locator("#heat .map");
    await canvas.scrollIntoViewIfNeeded();
    const box = (await canvas.boundingBox())!;
    const cell = () => page.locator("#cell").textContent();
    const [{ rows, columns }] = sd.heat(undefined, { rows: 4096 });
    for (const [across, down] of [[0.1, 0.1], [0.5, 0.3], [0.9, 0.99]]) {
      await page.mouse.move(box.x + box.width * across, box.y + box.height * down);
      const [, address, size, name, number, pages] =
        /^([0-9a-f]+) \((.*)\) in (\S+), .* \(snapshot (\d+)\): (\d+) dirty pages? in 1 window$/
          .exec((await cell())!)!;
      const row = rows.find(({ start }) => start === parseInt(address, 16) / 4096)!;
      expect([size, name]).toEqual(["4.00 KiB", row.mapping || "[anon]"]);
      const column = Math.floor(across * columns.length);
      expect(Number(pages)).toBe(row.dirtyPages[column]);
      expect(Number(number)).toBe(columns[column].firstSnapshot);
    }
    await page.mouse.move(box.x + 5, box.y + 5);
    await page.mouse.wheel(0, -1000);
    await page.mouse.move(box.x + box.width - 5, box.y + 5);
    // A fifth of the time is out of view now.
    expect(await cell()).not.toMatch(/to 21\.0 s/);
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

  test("tells anew what a migration does, as the planner tells it", async () => {
    const { page } = await openReport(browser, written(openTrace(recordingFile("redis"))));
    const [bandwidth, downtime] = [page.getByLabel(/Bandwidth/), page.getByLabel(/Downtime/)];
    const answer = () => page.locator("#migration").textContent();
    const steps = Number(await bandwidth.getAttribute("max"));
    const at = (speed: number) => String(Math.round(Math.log10(speed / 1.25e11) * 10) + steps);
    await bandwidth.fill(at(12.5e6));
    await downtime.fill("30");
    const plan = (ms: number) =>
      sd.plan.migrate(undefined, { bytesPerSecond: 12.5e6, maxDowntimeNs: ms * 1e6 })[0].qemu;
    expect(plan(1000).isWithinDowntime).toBe(true);
    const { rounds, downtimeNs } = plan(1000);
    expect(await answer()).toBe(
      `100 Mbit/s, 1.00 s: stops after ${rounds.length} round, stands still for ` +
        `${(downtimeNs / 1e6).toFixed(0)} ms, and takes 2.48 s and 29.6 MiB in all`,
    );
    await downtime.fill("20");
    expect(plan(100).isWithinDowntime).toBe(false);
    expect(await answer()).toMatch(/^100 Mbit\/s, 100 ms: does not converge; /);
  });

  test("runs nothing that a process or a mapping is called", async () => {
    const hostile = "</script><img src=x onerror=alert(1)>";
    const named = seconds(
      `0x10 rw-p /${hostile.replaceAll(" ", "\u00a0")} DDp`,
      "0x10 rw-p <b>bold DD",
    );
    const trace = readerOf(traceBytes((writer) => {
      for (const one of named) {
        const process = { ...one.process, command: "<svg/onload=1>" };
        writer.read(Object.assign(Object.create(Object.getPrototypeOf(one)), one, {
          process,
          sinceClear: { ...one.sinceClear!, process },
        }));
      }
    }));
    const { page, complaints } = await openReport(browser, written(trace));
    expect(complaints).toEqual([]);
    expect(await page.locator("img, b, svg").count()).toBe(0);
    expect(await page.locator("#mappings tbody").textContent()).toContain("</script><img");
    expect(await page.locator("h2").count()).toBe(7);
  });

  const tracking = probeUffdWp(new ProcFs());
  if (!tracking.works) console.log(`LEFT OUT: a live process in a report: ${tracking.reason}`);
  const isLeftOut = !tracking.works && process.env.SOFTDIRTY_REQUIRE_LIVE !== "1";
  test.skipIf(isLeftOut)("runs nothing that a file is called which a process maps", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "<"));
    const hostile = join(folder, "</script><img src=x onerror=alert(1)>");
    writeFileSync(hostile, new Uint8Array(1 << 16));
    const code = "import mmap,sys,time\nf=open(sys.argv[1],'r+b')\nm=mmap.mmap(f.fileno(),0)\n" +
      "print(flush=True)\nwhile True:\n for i in range(0,len(m),4096): m[i]=1\n time.sleep(.01)";
    const target = spawn("/usr/bin/python3", ["-c", code, hostile], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const output = join(folder, "a.sdtrace");
    try {
      await once(target.stdout, "data");
      const live = openLive({ pid: target.pid!, output, tracker: "uffd-wp" });
      for await (const _ of live.watch(undefined, { intervalMs: 100, count: 4 }));
      live.close();
    } finally {
      target.kill("SIGKILL");
    }
    const { page, complaints } = await openReport(browser, written(openTrace(output)));
    expect(complaints).toEqual([]);
    expect(await page.locator("img").count()).toBe(0);
    const row = page.locator("#mappings tbody tr").filter({ hasText: "onerror" });
    expect(await row.count()).toBe(1);
    await row.click();
    expect(await page.locator(".bar [role=status]").textContent()).toContain("<img src=x onerror=");
    expect(complaints).toEqual([]);
  });
});
