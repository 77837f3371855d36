/** PAGEMAP_SCAN against the file pagemap, page by page, on kernels that have both. */

import process from "node:process";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { PageSet } from "../../lib/core/page_set.ts";
import type { Snapshot } from "../../lib/core/snapshot.ts";
import { thisKernel } from "../../lib/session/kernel_access.ts";
import { openLive } from "../../lib/session/live.ts";
import { type Sd } from "../../lib/session/sd.ts";
import { withHugePages } from "./huge_memory.ts";
import { range, Target } from "./target.ts";

const { readBy } = thisKernel().probe("soft-dirty");
if (readBy === "pagemap") console.log("LEFT OUT: this kernel has no PAGEMAP_SCAN to compare with");

/** What both ways report. */
const COMPARED = ["dirty", "present", "swapped", "fileOrShared"] as const;

/** The pages in which two snapshots differ, by flag. */
function differences(a: Snapshot, b: Snapshot): Record<string, number> {
  const counts = COMPARED.map((flag) => [flag, a.pages[flag].xor(b.pages[flag]).pageCount]);
  return Object.fromEntries(counts.filter(([, count]) => count !== 0));
}

describe.skipIf(readBy === "pagemap")("PAGEMAP_SCAN", () => {
  let target: Target;
  let file: Sd;
  let scan: Sd;
  beforeAll(async () => {
    target = await Target.start();
  });
  afterAll(() => target.end());
  beforeEach(async () => {
    await target.renew();
    file = openLive({ pid: target.pid, output: null, tracker: "soft-dirty", readBy: "pagemap" });
    scan = openLive({ pid: target.pid, output: null, tracker: "soft-dirty" });
  });
  afterEach(() => {
    file.close();
    scan.close();
  });

  /** Reads in both ways while the target waits. */
  function both(): { byFile: Snapshot; byScan: Snapshot } {
    const [byFile, byScan] = [target.area(file.read()), target.area(scan.read())];
    expect([byFile.readBy, byScan.readBy]).toEqual(["pagemap", "pagemap-scan"]);
    return { byFile, byScan };
  }

  test("reports the same of scattered writes, pages that were only read, and holes", async () => {
    await target.map(0, 4096);
    await target.write(range(0, 4096, 3));
    await target.look(range(1, 4096, 3));
    file.clear();
    await target.write(range(0, 4096, 7));
    const { byFile, byScan } = both();
    expect(differences(byFile, byScan)).toEqual({});
    expect(target.pagesOf(byScan.dirty)).toEqual(range(0, 4096, 7));
  });

  test("reports the same of new, grown and read-only memory", async () => {
    await target.map(0, 64);
    await target.map(128, 64);
    await target.write(range(0, 64));
    file.clear();
    await target.map(64, 32);
    await target.write([70, 130]);
    await target.protect(128, 64, false);
    const { byFile, byScan } = both();
    expect(differences(byFile, byScan)).toEqual({});
    expect(byScan.dirtyUnpopulated.pageCount).toBeGreaterThan(0);
  });

  test("reports the same of dropped pages", async () => {
    await target.map(0, 64);
    await target.write(range(0, 64));
    file.clear();
    await target.write([1, 40]);
    await target.drop(0, 32);
    const { byFile, byScan } = both();
    expect(differences(byFile, byScan)).toEqual({});
    expect(target.pagesOf(byScan.dirty)).toEqual([40]);
  });

  test("reports the same of a whole process", () => {
    file.clear();
    const [a, b] = [file.read(), scan.read()];
    // The target waits for its next step, but its runtime is not stopped: pages can be added.
    expect(a.pages.dirty.subtract(b.pages.dirty).pageCount).toBe(0);
    expect(a.pages.present.subtract(b.pages.present).pageCount).toBe(0);
  });

  test("differs on hugetlb memory, which neither way passes off as clean", () => {
    const own = withHugePages(4 << 20, (memory) => {
      memory.fill(1);
      return [file, scan].map((sd) => {
        sd.clear(process.pid);
        return sd.read(process.pid);
      });
    });
    const inHuge = (snapshot: Snapshot, set: PageSet) =>
      set.intersect(snapshot.pages.hugetlb).pageCount;
    expect(own.map((one) => inHuge(one, one.pages.dirty))).toEqual([0, 1024]);
    expect(own.map((one) => inHuge(one, one.dirty))).toEqual([0, 0]);
    expect(own.map((one) => one.untracked.pageCount)).toEqual([1024, 1024]);
    expect(inHuge(own[1], own[1].pages.huge)).toBe(1024);
  });
});
