import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareTraces } from "../../lib/analysis/compare.ts";
import { dirtyMappings } from "../../lib/analysis/dirty_mappings.ts";
import { heatMaps } from "../../lib/analysis/heat.ts";
import { hotPages } from "../../lib/analysis/hot.ts";
import { phases } from "../../lib/analysis/phases.ts";
import { planCheckpoints } from "../../lib/analysis/planners/checkpoint.ts";
import { planForks } from "../../lib/analysis/planners/fork.ts";
import { planMigrations } from "../../lib/analysis/planners/migrate.ts";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import type { Covered } from "../../lib/analysis/windows.ts";
import { workingSets } from "../../lib/analysis/working_set.ts";
import { coverageOf, mergeWindows, UNTRACKED_REASONS } from "../../lib/core/coverage.ts";
import { countedOnce } from "../../lib/core/counted_once.ts";
import { groupSnapshots } from "../../lib/core/group_snapshots.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { Snapshot } from "../../lib/core/snapshot.ts";
import type { SnapshotSeries } from "../../lib/core/untracked_process.ts";
import { narrowEach } from "../../lib/query/narrow.ts";
import { checkpointCsv, checkpointText } from "../../lib/report/checkpoint_text.ts";
import { comparisonCsv, comparisonText } from "../../lib/report/comparison_text.ts";
import { COVERAGE_HEADINGS, coverageCells, coverageLines } from "../../lib/report/coverage_text.ts";
import { diffText } from "../../lib/report/diff_text.ts";
import { diffSnapshots } from "../../lib/core/diff.ts";
import { dirtyMappingsCsv, dirtyMappingsText } from "../../lib/report/dirty_mappings_text.ts";
import { openMetricsLines } from "../../lib/report/export/open_metrics.ts";
import { csvLines, jsonLines } from "../../lib/report/export/lines.ts";
import { traceEventJson } from "../../lib/report/export/trace_event.ts";
import { forkCsv, forkText } from "../../lib/report/fork_text.ts";
import { heatCsv, heatText } from "../../lib/report/heat_text.ts";
import { hotCsv, hotText } from "../../lib/report/hot_text.ts";
import { aboutTrace } from "../../lib/report/html/about_trace.ts";
import { reportData } from "../../lib/report/html/report_data.ts";
import { diffJson, snapshotJson } from "../../lib/report/json.ts";
import { migrationCsv, migrationText } from "../../lib/report/migration_text.ts";
import { phasesCsv, phasesText } from "../../lib/report/phases_text.ts";
import { rateCsv, rateText } from "../../lib/report/rate_text.ts";
import { snapshotText } from "../../lib/report/snapshot_text.ts";
import { workingSetCsv, workingSetText } from "../../lib/report/working_set_text.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import { HEADER, readerOf, traceBytes } from "../helpers/memory_trace.ts";

/** Every measure and plan, with its text and its CSV. */
const MEASURES: readonly {
  readonly name: string;
  readonly of: (snapshots: SnapshotSeries) => readonly Covered[];
  readonly text: (result: never) => string;
  readonly csv: (results: never) => string;
}[] = [
  { name: "rate", of: dirtyRates, text: rateText, csv: rateCsv },
  { name: "wss", of: workingSets, text: workingSetText, csv: workingSetCsv },
  { name: "hot", of: (all) => hotPages(all), text: hotText, csv: hotCsv },
  { name: "by-mapping", of: dirtyMappings, text: dirtyMappingsText, csv: dirtyMappingsCsv },
  {
    name: "heat",
    of: (all) => heatMaps(all),
    text: (map: never) => heatText(map, { width: 80, height: 8, isColored: false }),
    csv: heatCsv,
  },
  { name: "phases", of: phases, text: phasesText, csv: phasesCsv },
  {
    name: "plan migrate",
    of: (all) => planMigrations(all),
    text: migrationText,
    csv: migrationCsv,
  },
  {
    name: "plan checkpoint",
    of: (all) => planCheckpoints(all, { intervalsNs: [1e9] }),
    text: checkpointText,
    csv: checkpointCsv,
  },
  {
    name: "plan fork",
    of: (all) => planForks(all, { durationNs: 5e8 }),
    text: forkText,
    csv: forkCsv,
  },
];

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
  test.each(MEASURES)("$name: result, text, JSON and CSV", ({ of, text, csv }) => {
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
        const [rate] = dirtyRates(narrowEach(snapshots, condition));
        expect(rate.coverage.untrackedPages).toBeGreaterThan(0);
      }
    }));
  });
});

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
  test.each(MEASURES)("$name: result, text, JSON and CSV", ({ of, text, csv }) => {
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

  test.each(MEASURES)("$name", ({ of, text }) => {
    const [verdict] = text(of(snapshots)[0] as never).split("\n");
    expect(verdict).toMatch(
      /^drawn \(pid 42\): 90\.0 % of its writable memory is untracked \(another userfaultfd owns it\): /,
    );
  });

  test("no link is said to do", () => {
    const plan = MEASURES.find(({ name }) => name === "plan migrate")!;
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
