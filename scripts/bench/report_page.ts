/**
 * An HTML report of a vast process, and one of a very long trace: how large they are, how soon Debian's
 * Chromium has drawn them, and how long a step of zooming the heat map takes.
 *
 * @module
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PageSet } from "../../lib/core/page_set.ts";
import { PAGE_FLAGS, type PageSets, Snapshot } from "../../lib/core/snapshot.ts";
import type { Vma } from "../../lib/core/vma.ts";
import { htmlPage } from "../../lib/report/html/html_page.ts";
import { type ReportAbout, reportData } from "../../lib/report/html/report_data.ts";
import { pageAssets } from "../../lib/session/page_assets.ts";
import { openReport, startBrowser } from "../../test/browser/browser.ts";

const GIB_PAGES = 1 << 18;
const PROCESS = { pid: 1, startTimeTicks: 1, command: "bench" };
const ABOUT: ReportAbout = {
  ...{ name: "bench", sizeBytes: 0, recordedAt: new Date(0).toISOString(), writer: "bench" },
  ...{ hostname: "bench", kernelRelease: "bench", arch: "x64", tracker: "soft-dirty" },
  ...{ proof: "made up", snapshotCount: 0, expression: null, problems: [] },
};

/** A process of 64 mappings of 1 GiB, all there, of which stretches are written that wander. */
function* wandering(count: number, stretches: number): Generator<Snapshot, void, void> {
  const vmas = Array.from({ length: 64 }, (_, i): Vma => ({
    start: 0x7f00_0000_0 + i * 2 * GIB_PAGES,
    end: 0x7f00_0000_0 + (i * 2 + 1) * GIB_PAGES,
    perms: "rw-p",
    offsetPages: 0,
    device: "00:00",
    inode: "0",
    name: i % 2 === 0 ? "" : `/bench/part-${i}`,
  }));
  const present = PageSet.from(vmas);
  const none = Object.fromEntries(
    PAGE_FLAGS.map((flag) => [flag, PageSet.empty]),
  ) as unknown as PageSets;
  for (let n = 0; n < count; n++) {
    const dirty = PageSet.from(Array.from({ length: stretches }, (_, i) => {
      const { start } = vmas[(i * 7 + (n >> 5)) % vmas.length];
      const at = start + (i * 40_503 + n * 97) % (GIB_PAGES - 64);
      return { start: at, end: at + 1 + (i + n) % 32 };
    }));
    const atNs = n * 1e8;
    const clear = { atNs, durationNs: 1e5, unseenNs: 0, stoppedNs: 0, vmas: null };
    yield new Snapshot({
      process: PROCESS,
      pageSizeBytes: 4096,
      vmas,
      pages: { ...none, dirty, present },
      tracker: "soft-dirty",
      readBy: "pagemap-scan",
      known: PAGE_FLAGS,
      stoppedNs: 0,
      atNs: atNs + 9.9e7,
      durationNs: 1e6,
      sinceClear: { type: "clear", process: PROCESS, ...clear },
      originUnixMs: 0,
      index: n,
    });
  }
}

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
      const box = (await page.locator("#heat canvas").boundingBox())!;
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
