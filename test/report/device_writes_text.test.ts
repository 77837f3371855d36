import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareTraces } from "../../lib/analysis/compare.ts";
import { coverageOf } from "../../lib/core/coverage.ts";
import { groupSnapshots } from "../../lib/core/group_snapshots.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { Snapshot } from "../../lib/core/snapshot.ts";
import { comparisonCsv, comparisonText } from "../../lib/report/comparison_text.ts";
import { COVERAGE_HEADINGS } from "../../lib/report/coverage_text.ts";
import { diffText } from "../../lib/report/diff_text.ts";
import { diffSnapshots } from "../../lib/core/diff.ts";
import { openMetricsLines } from "../../lib/report/export/open_metrics.ts";
import { jsonLines } from "../../lib/report/export/lines.ts";
import { traceEventJson } from "../../lib/report/export/trace_event.ts";
import { aboutTrace } from "../../lib/report/html/about_trace.ts";
import { reportData } from "../../lib/report/html/report_data.ts";
import { snapshotJson } from "../../lib/report/json.ts";
import { snapshotText } from "../../lib/report/snapshot_text.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import { HEADER, readerOf, traceBytes } from "../helpers/memory_trace.ts";
import { EVERY_MEASURE } from "../helpers/every_measure.ts";

/** Snapshots of a process of which devices can write to some pages, which are tracked otherwise. */
const deviceWritten = fc.tuple(
  fc.array(fc.stringMatching(/^[Dp]{16}$/), { minLength: 2, maxLength: 4 }),
  fc.constantFrom("soft-dirty" as const, "uffd-wp" as const),
  fc.constantFrom("pinned", "unlocated", "ring"),
).map(([all, tracker, how]) =>
  all.map((dirty, index) => {
    const shared = how === "ring" ? "anon_inode:[perf_event]" : "/shm";
    const one = snapshot(`0x10 rw-p [heap] ${dirty}\n0x40 rw-s ${shared} DDDp`);
    const pinned = PageSet.from([{ start: tracker === "uffd-wp" ? 0x1e : 0x42, end: 0x44 }]);
    return new Snapshot({
      ...one,
      index,
      tracker,
      pages: how === "pinned" ? { ...one.pages, pinned } : one.pages,
      conditions: { ...one.conditions, unlocatedPinnedPages: how === "unlocated" ? 3 : null },
      sinceClear: clearAt(index * 1e9),
      atNs: index * 1e9 + 9e8,
      durationNs: 1e8,
    });
  })
);

/** True of a text that says in its first lines what no tracker sees. */
const isUnseenStated = (text: string) =>
  /can be written by devices/.test(text.split("\n").slice(0, 5).join("\n"));

describe("no answer about a trace with memory that devices write to is silent about it", () => {
  test.each(EVERY_MEASURE)("$name: result, text, JSON and CSV", ({ of, text, csv }) => {
    fc.assert(
      fc.property(deviceWritten, (snapshots) => {
        for (const series of [snapshots, groupSnapshots(snapshots)]) {
          const results = of(series);
          expect(results.length).toBeGreaterThan(0);
          for (const result of results) {
            expect(result.coverage.deviceWritablePages).toBeGreaterThan(0);
            expect(text(result as never)).toSatisfy(isUnseenStated);
            expect(JSON.parse(JSON.stringify(result)).coverage).toEqual(result.coverage);
          }
          const [headings, ...rows] = csv(results as never).split("\r\n");
          expect(headings).toContain(COVERAGE_HEADINGS.join(","));
          const at = COVERAGE_HEADINGS.indexOf("deviceWritableBytes") - COVERAGE_HEADINGS.length;
          for (const row of rows.filter((row) => row !== "")) {
            expect(Number(row.split(",").at(at))).toBeGreaterThan(0);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test("compare, snapshots, diffs, exports and the report", () => {
    const about = aboutTrace(readerOf(traceBytes(() => {})));
    const origin = { host: "h", trace: "t", kernelRelease: "6.1", arch: "x64" };
    fc.assert(
      fc.property(deviceWritten, (snapshots) => {
        const [a, b] = snapshots;
        const [one] = compareTraces(snapshots, snapshots);
        expect(comparisonText(one)).toMatch(/can be written by devices/);
        expect(comparisonCsv([one])).toContain("deviceWritableBytesAfter");
        expect(snapshotText(a)).toMatch(/can be written by devices/);
        expect(snapshotJson(a).coverage.deviceWritablePages).toBeGreaterThan(0);
        expect(diffText(diffSnapshots(a, b))).toMatch(/can be written by devices/);
        const [json] = [...jsonLines(snapshots, origin, ["snapshots"])];
        expect(JSON.parse(json).deviceWritableBytes).toBeGreaterThan(0);
        expect([...openMetricsLines(snapshots, "h", 0)].join("\n"))
          .toMatch(/^softdirty_device_writable_bytes\{.*\} [1-9]/m);
        expect([...traceEventJson(snapshots)].join("")).toMatch(/can be written by devices/);
        const { processes } = reportData(snapshots, about);
        expect(processes[0].caveats.join("\n")).toMatch(/can be written by devices/);
      }),
      { numRuns: 20 },
    );
  });

  test("also after a trace was written and read", () => {
    fc.assert(fc.property(deviceWritten, (snapshots) => {
      const bytes = traceBytes((writer) => {
        for (const one of snapshots) writer.read(one);
      }, { ...HEADER, tracker: snapshots[0].tracker });
      for (const [i, one] of [...readerOf(bytes).snapshots].entries()) {
        expect(coverageOf(one)).toEqual(coverageOf(snapshots[i]));
      }
    }));
  });
});
