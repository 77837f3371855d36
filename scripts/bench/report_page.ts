/**
 * An HTML report of a vast process, and one of a very long trace: how large they are, how soon Debian's
 * Chromium has drawn them, and how long a step of zooming the heat map takes.
 *
 * @module
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { htmlPage } from "../../lib/report/html/html_page.ts";
import { type ReportAbout, reportData } from "../../lib/report/html/report_data.ts";
import { pageAssets } from "../../lib/cli/page_assets.ts";
import { openReport, startBrowser } from "../../test/browser/browser.ts";
import { wandering } from "./wandering.ts";

const ABOUT: ReportAbout = {
  ...{ name: "bench", sizeBytes: 0, recordedAt: new Date(0).toISOString(), writer: "bench" },
  ...{ hostname: "bench", kernelRelease: "bench", arch: "x64", tracker: "soft-dirty" },
  ...{ proof: "made up", snapshotCount: 0, expression: null, problems: [] },
};

/** Writes both, and opens them. */
export async function reportPage(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "softdirty-report-"));
  const browser = await startBrowser();
  try {
    for (const [count, stretches] of [[1000, 500], [100_000, 10]]) {
      console.log(
        `\n== report: ${count} snapshots of 64 GiB, ${stretches} stretches dirty in each`,
      );
      const startMs = performance.now();
      const snapshots = { [Symbol.iterator]: () => wandering(count, stretches) };
      const html = htmlPage(reportData(snapshots, ABOUT), pageAssets());
      const file = join(folder, `${count}.html`);
      writeFileSync(file, html);
      const seconds = (performance.now() - startMs) / 1000;
      console.log(
        `  written in ${seconds.toFixed(1)} s; ${(html.length / 1e6).toFixed(2)} MB (at most 8)`,
      );
      const openMs = performance.now();
      const { page, complaints } = await openReport(browser, file);
      console.log(`  drawn after ${Math.round(performance.now() - openMs)} ms (at most 1000)`);
      const box = (await page.locator("#heat .map").boundingBox())!;
      const paints: number[] = [];
      for (let i = 0; i < 20; i++) {
        await page.mouse.move(
          box.x + box.width * ((i * 37) % 100) / 100,
          box.y + box.height * ((i * 61) % 100) / 100,
        );
        await page.mouse.wheel(0, i % 5 === 4 ? 400 : -100);
        await page.waitForTimeout(50);
        paints.push(Number(await page.locator(".heat").getAttribute("data-paint-ms")));
      }
      console.log(
        `  a step of zooming takes ${Math.max(...paints).toFixed(1)} ms at most (at most 50)`,
      );
      if (complaints.length > 0) throw new Error(complaints.join("\n"));
      await page.close();
    }
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
}
