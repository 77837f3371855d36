/** `importCopies()` over copies that were made right before CRIU dumped the same. */

import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { planCheckpoints } from "../../lib/analysis/planners/checkpoint.ts";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { importCopies } from "../../lib/import/import_copies.ts";
import { importCriu } from "../../lib/import/import_criu.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { criuRecording, everyNth, targetPlaces } from "../helpers/criu_recording.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

let folder: string;
let output: string;
beforeEach(() => {
  folder = temporaryFolder();
  output = join(folder, "imported.sdtrace");
});

const snapshots = () => [...openTrace(output).snapshots];

describe("importCopies() over copies that were made right before CRIU's dumps", () => {
  const { pid, first } = targetPlaces("parent");
  const copies = ["2", "3"].map((name) => ({
    pagemap: criuRecording(`${name}.pagemap`),
    maps: criuRecording(`${name}.maps`),
  }));
  const options = { pid, command: "every7th", intervalMs: 2000, clearedMs: 1500 };

  test("reports what was written", () => {
    importCopies(copies, output, options);
    const region = PageSet.from([{ start: first.private, end: first.private + 2048 }]);
    const [one, next] = snapshots();
    expect(one.dirty.intersect(region)).toEqual(everyNth(first.private, 2048, 7));
    expect(next.dirty.intersect(region)).toEqual(everyNth(first.private, 2048, 14));
    expect(next.dirtyPopulated.countIn(first.new, first.new + 56)).toBe(5);
    expect(next.dirtyUnpopulated.countIn(first.new, first.new + 56)).toBe(51);
    expect(next.dirty.countIn(first.shared, first.shared + 64)).toBe(3);
    expect(next.process).toMatchObject({ pid, command: "every7th" });
  });

  test("reports the same pages as the dumps of CRIU, but for shared memory, which these lack", () => {
    importCopies(copies, output, options);
    const dumped = join(folder, "dumped.sdtrace");
    importCriu([criuRecording("3")], dumped);
    const ofCriu = [...openTrace(dumped).snapshots].filter(({ process }) => process.pid === pid);
    for (const [i, copied] of snapshots().entries()) {
      const ofDump = ofCriu[i + 1];
      const shared = PageSet.from(copied.vmas.filter(({ perms }) => perms.endsWith("s")));
      expect(ofDump.dirty).toEqual(copied.dirtyPopulated.subtract(shared));
      expect(ofDump.dirty.pageCount).toBe([403, 272][i]);
    }
    // Devices and inodes are in no image; all else of the mappings is the same.
    const plain = { device: "", inode: "" };
    const [, last] = snapshots();
    expect(ofCriu[2].vmas.map((vma) => ({ ...vma, ...plain }))).toEqual(
      last.vmas.map((vma) => ({ ...vma, ...plain })),
    );
  });

  test("makes the forecast of checkpoints that CRIU's dumps then had, page by page", () => {
    importCopies(copies, output, options);
    const [plan] = planCheckpoints(snapshots(), { intervalsNs: [1.5e9] });
    const [asked] = plan.intervals.filter(({ isAsked }) => isAsked);
    expect(asked).toMatchObject({ count: 2, pages: { min: 272, max: 403 } });
    const dumped = join(folder, "dumped.sdtrace");
    importCriu([criuRecording("3")], dumped);
    const [ofCriu] = planCheckpoints(openTrace(dumped).snapshots);
    expect(ofCriu).toMatchObject({ isMemoryRecorded: true, leftOutPages: 104 });
    expect(ofCriu.intervals[0].pages).toEqual(asked.pages);
    expect(Math.abs(ofCriu.fullPages - plan.fullPages)).toBeLessThan(20);
  });

  test("is measured only from the clears that were given", () => {
    importCopies(copies, output, options);
    expect(snapshots().map(({ atNs, sinceClear }) => [atNs, sinceClear?.atNs])).toEqual([
      [1.5e9, 0],
      [3.5e9, 2e9],
    ]);
    expect(snapshots()[1].sinceClear?.unseenNs).toBeNull();
    expect(dirtyRates(snapshots())).toHaveLength(1);
    const never = join(folder, "never.sdtrace");
    const { remarks } = importCopies(copies, never, { intervalMs: 2000 });
    expect(openTrace(never).at(1).sinceClear).toBeNull();
    expect(dirtyRates(openTrace(never).snapshots)).toEqual([]);
    expect(remarks.join("\n")).toMatch(/cleared was not said.*\n.*no pid was given/);
  });

  test("does not say that this program tried the kernel", () => {
    importCopies(copies, output, options);
    const { writer, probe } = openTrace(output).header;
    expect(writer).toMatch(/import of copies of pagemap$/);
    expect(probe.steps.map(({ action }) => action)).toEqual(["clear", "write"]);
    expect(probe.reason).toContain("softdirty did not try it");
  });
});
