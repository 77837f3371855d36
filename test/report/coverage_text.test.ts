import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareTraces } from "../../lib/analysis/compare.ts";
import { dirtyMappings } from "../../lib/analysis/dirty_mappings.ts";
import { planMigrations } from "../../lib/analysis/planners/migrate.ts";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { workingSets } from "../../lib/analysis/working_set.ts";
import { coverageOf, mergeWindows, UNTRACKED_REASONS } from "../../lib/core/coverage.ts";
import { countedOnce } from "../../lib/core/counted_once.ts";
import { groupSnapshots } from "../../lib/core/group_snapshots.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { Snapshot } from "../../lib/core/snapshot.ts";
import { filterSnapshots } from "../../lib/query/filter.ts";
import { comparisonCsv, comparisonText } from "../../lib/report/comparison_text.ts";
import { COVERAGE_HEADINGS, coverageCells, coverageLines } from "../../lib/report/coverage_text.ts";
import { diffText } from "../../lib/report/diff_text.ts";
import { diffSnapshots } from "../../lib/core/diff.ts";
import { dirtyMappingsText } from "../../lib/report/dirty_mappings_text.ts";
import { openMetricsLines } from "../../lib/report/export/open_metrics.ts";
import { csvLines, jsonLines } from "../../lib/report/export/lines.ts";
import { traceEventJson } from "../../lib/report/export/trace_event.ts";
import { aboutTrace } from "../../lib/report/html/about_trace.ts";
import { reportData } from "../../lib/report/html/report_data.ts";
import { diffJson, snapshotJson } from "../../lib/report/json.ts";
import { snapshotText } from "../../lib/report/snapshot_text.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import { readerOf, traceBytes } from "../helpers/memory_trace.ts";
import { EVERY_MEASURE } from "../helpers/every_measure.ts";

/** What a process does in its windows: which of 16 pages are dirty, and which are untracked. */
const windows = fc.array(
  fc.record({
    dirty: fc.stringMatching(/^[Dp]{16}$/),
    untrackedFrom: fc.integer({ min: 0, max: 15 }),
    flag: fc.constantFrom("foreign", "keptHuge", "device", "hugetlb", "pinned", "none"),
  }),
  { minLength: 2, maxLength: 5 },
);

/** Snapshots of a process of which at least one page is untracked in each window. */
const drawn = fc.tuple(windows, fc.constantFrom("soft-dirty" as const, "uffd-wp" as const))
  .map(([all, tracker]) =>
    all.map(({ dirty, untrackedFrom, flag }, index) => {
      const one = snapshot(`0x10 rw-p [heap] ${dirty}\n0x40 rw-s /shm DDDD`);
      const pages = PageSet.from([{ start: 0x10 + untrackedFrom, end: 0x20 }]);
      const isOfSoftDirty = flag === "hugetlb" || flag === "pinned";
      const isUnwatched = flag === "foreign" || flag === "keptHuge" || flag === "none" ||
        tracker === "uffd-wp" && isOfSoftDirty;
      return new Snapshot({
        ...one,
        index,
        tracker,
        pages: {
          ...one.pages,
          ...flag === "none" || tracker === "uffd-wp" && isOfSoftDirty ? {} : { [flag]: pages },
          ...isUnwatched ? { unwatched: pages } : {},
        },
        sinceClear: clearAt(index * 1e9),
        atNs: index * 1e9 + 9e8,
        durationNs: 1e8,
      });
    })
  );

/** True of a text that states untracked memory in its first lines. */
const isStated = (text: string) => /untracked/.test(text.split("\n").slice(0, 3).join("\n"));

describe("no answer about a trace with untracked memory is silent about it", () => {
  test.each(EVERY_MEASURE)("$name: result, text, JSON and CSV", ({ of, text, csv }) => {
    fc.assert(
      fc.property(drawn, (snapshots) => {
        for (const series of [snapshots, groupSnapshots(snapshots)]) {
          const results = of(series);
          expect(results.length).toBeGreaterThan(0);
          for (const result of results) {
            expect(result.coverage.untrackedPages).toBeGreaterThan(0);
            expect(result.coverage.untrackedWindowCount).toBe(snapshots.length);
            expect(
              result.coverage.untracked.every(({ reason }) => UNTRACKED_REASONS.includes(reason)),
            ).toBe(true);
            expect(text(result as never)).toSatisfy(isStated);
            expect(JSON.parse(JSON.stringify(result)).coverage).toEqual(result.coverage);
          }
          const [headings, ...rows] = csv(results as never).split("\r\n");
          expect(headings).toContain(COVERAGE_HEADINGS.join(","));
          const cells = coverageCells(results[0].coverage).map(String);
          for (const row of rows) expect(row).toContain(`,${cells[1]},`);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("compare: each side", () => {
    fc.assert(
      fc.property(drawn, (snapshots) => {
        const [one] = compareTraces(snapshots, snapshots);
        expect(comparisonText(one)).toMatch(/untracked/);
        expect(JSON.stringify(one)).toContain('"untrackedPages"');
        expect(comparisonCsv([one])).toContain("untrackedBytesAfter");
      }),
      { numRuns: 30 },
    );
  });

  test("snapshots and diffs, in words and as JSON", () => {
    fc.assert(fc.property(drawn, (snapshots) => {
      const [a, b] = snapshots;
      expect(snapshotText(a)).toMatch(/untracked/);
      expect(snapshotJson(a).coverage.untrackedPages).toBeGreaterThan(0);
      expect(diffText(diffSnapshots(a, b))).toMatch(/untracked/);
      expect(diffJson(diffSnapshots(a, b)).coverage.after.untrackedPages).toBeGreaterThan(0);
    }));
  });

  test("exports and the report", () => {
    const about = aboutTrace(readerOf(traceBytes(() => {})));
    const origin = { host: "h", trace: "t", kernelRelease: "6.1", arch: "x64" };
    fc.assert(
      fc.property(drawn, (snapshots) => {
        const column = (line: string, name: string, headings: string) =>
          line.split(",")[headings.split(",").indexOf(name)];
        const [headings, row] = [...csvLines(snapshots, origin, "snapshots")];
        expect(Number(column(row, "untrackedBytes", headings))).toBeGreaterThan(0);
        const [json] = [...jsonLines(snapshots, origin, ["snapshots"])];
        expect(JSON.parse(json).untrackedBytes).toBeGreaterThan(0);
        expect([...openMetricsLines(snapshots, "h", 0)].join("\n"))
          .toMatch(/^softdirty_untracked_bytes\{.*\} [1-9]/m);
        expect([...traceEventJson(snapshots)].join("")).toMatch(/untracked/);
        const { processes } = reportData(snapshots, about);
        expect(processes[0].caveats.join("\n")).toMatch(/untracked/);
      }),
      { numRuns: 20 },
    );
  });

  test("also where a condition on pages leaves the untracked ones out", () => {
    fc.assert(fc.property(drawn, (snapshots) => {
      for (const condition of ["page has dirty", "reason == written", 'mapping == "[heap]"']) {
        const [rate] = dirtyRates(filterSnapshots(snapshots, condition));
        expect(rate.coverage.untrackedPages).toBeGreaterThan(0);
      }
    }));
  });
});

describe("where most of the memory is untracked, that is the only verdict", () => {
  const one = snapshot("0x10 rw-p - DDDDDDDDDD");
  const pages = { ...one.pages, unwatched: PageSet.from([{ start: 0x11, end: 0x1a }]) };
  const foreign = { ...pages, foreign: pages.unwatched };
  const snapshots = [0, 1, 2].map((index) =>
    new Snapshot({
      ...one,
      index,
      tracker: "uffd-wp",
      pages: foreign,
      sinceClear: clearAt(index * 1e9),
      atNs: index * 1e9 + 9e8,
    })
  );

  test.each(EVERY_MEASURE)("$name", ({ of, text }) => {
    const [verdict] = text(of(snapshots)[0] as never).split("\n");
    expect(verdict).toMatch(
      /^drawn \(pid 42\): 90\.0 % of its writable memory is untracked \(another userfaultfd owns it\): /,
    );
  });

  test("no link is said to do", () => {
    const plan = EVERY_MEASURE.find(({ name }) => name === "plan migrate")!;
    const text = plan.text(plan.of(snapshots)[0] as never);
    expect(text).toMatch(/^of the tracked memory alone: begun at /m);
    expect(text).not.toMatch(/any link|the slowest link|no link/);
  });
});

test("what limits a result is stated with its figure, and what does not is left out", () => {
  const plain = coverageOf(snapshot("0x10 rw-p - DDpp"));
  expect(coverageLines(plain)).toEqual([]);
  const gone = { process: { pid: 7, startTimeTicks: 1, command: "\x1b[2Jx" }, reason: "seccomp" };
  expect(coverageLines({ ...plain, untrackedProcesses: [gone] }))
    .toEqual(["1 process of the same group untracked: \\x1b[2Jx (pid 7, seccomp)"]);
  const few = { ...plain, writablePages: 8, reclaimablePages: 2 };
  expect(coverageLines(few)[0]).toMatch(/^8\.00 KiB of shared memory and files: soft-dirty forg/);
  expect(coverageLines({ ...few, reclaimablePages: 1 })).toEqual([]);
  const shared = { ...plain, reclaimablePages: 512 };
  expect(coverageLines(shared)[0]).toMatch(
    /^2\.00 MiB of shared memory and files: soft-dirty forg/,
  );
  expect(coverageLines({ ...shared, reclaimedPages: 3 })[0])
    .toMatch(
      /^the kernel reclaimed 3 pages meanwhile: writes to 2\.00 MiB .* likely to be missing/,
    );
  expect(coverageLines({ ...plain, mergeablePages: 1 })[0]).toMatch(
    /^KSM can merge pages of 4\.00 K/,
  );
  expect(coverageLines({ ...plain, deviceWritablePages: 2 })).toEqual([
    "8.00 KiB can be written by devices or by the kernel (pinned buffers, rings): " +
    "no tracker sees such writes",
  ]);
  const many = { reportedPages: 400, leastWrittenPages: 400 };
  const dropped = { ...plain, droppedPages: 1, droppedWindowCount: 1 };
  expect(coverageLines(dropped)[0]).toMatch(/^4\.00 KiB given back by the process \(MADV_DONTNEED/);
  expect(coverageLines({ ...dropped, reportedPages: 5, leastWrittenPages: 5 })).toEqual([]);
  expect(coverageLines({ ...dropped, ...many, windowCount: 100 })[0])
    .toMatch(/, counted in 1 of 100 windows: soft-dirty forgets writes to it/);
  const lossy = mergeWindows({ ...plain, lossyWindowCount: 1, lossyNs: 5e6 }, plain);
  expect(coverageLines(lossy)[0])
    .toBe("a write can be lost between a read and the clear: 5.00 ms in 1 of 2 windows");
});

test("shared memory that is mapped twice counts once in rates, working sets and plans", () => {
  const drawing = "0x20 rw-s /shm DDDD\n0x30 rw-s /shm DDDD\n0x40 rw-p - D";
  const snapshots = [0, 1].map((index) => {
    const one = snapshot(drawing, { sinceClear: clearAt(index * 1e9), atNs: index * 1e9 + 9e8 });
    const vmas = one.vmas.map((vma) => vma.name === "/shm" ? { ...vma, inode: "7" } : vma);
    return new Snapshot({ ...one, vmas });
  });
  expect(dirtyRates(snapshots)[0].dirtyPages).toBe(10);
  expect(workingSets(snapshots)[0].pageCount).toBe(5);
  expect(planMigrations(snapshots)[0].timeline.memoryPages).toBe(5);
  const [mappings] = dirtyMappings(snapshots);
  expect(mappings.mappings.reduce((sum, one) => sum + one.distinctDirtyPages, 0)).toBe(9);
  expect(mappings.once).toEqual({ dirtyPages: 10, distinctDirtyPages: 5 });
  expect(dirtyMappingsText(mappings)).toContain("36.0 KiB dirty by address, 20.0 KiB of memory");
  expect([...countedOnce(snapshots)]).toHaveLength(2);
});
