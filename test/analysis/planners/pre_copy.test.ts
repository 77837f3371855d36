import { expect, test } from "vitest";
import { PreCopy } from "../../../lib/analysis/planners/pre_copy.ts";
import { Recency } from "../../../lib/analysis/planners/recency.ts";
import { LastWindows } from "../../../lib/analysis/planners/reuse.ts";
import { QEMU, type StopRule, XEN } from "../../../lib/analysis/planners/stop_rules.ts";
import { BlockBudget } from "../../../lib/analysis/page_blocks.ts";
import type { Timeline } from "../../../lib/analysis/planners/timeline.ts";
import { PageSet } from "../../../lib/core/page_set.ts";
import { PROCESS } from "../../helpers/drawn_snapshot.ts";

const PAGE = 4096;
const MIB = 2 ** 20;
const PAGES_PER_MIB = MIB / PAGE;

const pages = (count: number, start = 0) => PageSet.from([{ start, end: start + count }]);

function timeline(memoryPages: number, everDirty: PageSet, durationNs: number): Timeline {
  return {
    ...{
      process: PROCESS,
      program: "42",
      pageSizeBytes: PAGE,
      windowCount: 1,
      dirtyPages: everDirty.pageCount,
      everDirtyPages: everDirty.pageCount,
    },
    ...{ durationNs, traceNs: durationNs, memoryPages, isMemoryRecorded: true, growth: 1 },
  };
}

/** Plays windows to a migration. */
class Played {
  readonly #pages = new LastWindows(new BlockBudget(), 100);
  readonly #recency = new Recency(100);
  readonly #migration: PreCopy;

  constructor(...args: ConstructorParameters<typeof PreCopy>) {
    this.#migration = new PreCopy(...args);
  }

  get outcome() {
    return this.#migration.outcome;
  }

  play(pages: PageSet, durationNs: number): void {
    this.#recency.next(this.#pages.next(pages));
    this.#migration.play(this.#recency, durationNs);
  }
}

const link = (bytesPerSecond: number, maxDowntimeNs = 300e6) => ({ bytesPerSecond, maxDowntimeNs });

/** cloud-hypervisor's issue 7799: MiB, MiB/s, transfer in s, estimated downtime in ms. */
const PUBLISHED = [
  [6144, 1986.83, 3.09, 0],
  [5418, 1824.44, 2.97, 2726],
  [5418, 1854.25, 2.92, 2969],
  [5428, 1799.43, 3.02, 2926],
];

test("rounds take as long, and forecast the same downtime, as a published migration", () => {
  const rates = PUBLISHED.map(([, rate]) => rate * MIB);
  const rule: StopRule = {
    name: "qemu",
    firstBytesPerSecond: () => rates[0],
    nextBytesPerSecond: ({ number }) => rates[number + 1],
    stop: ({ number }) => number === 3 ? "rounds" : undefined,
  };
  const long = timeline(6144 * PAGES_PER_MIB, PageSet.empty, 1e12);
  const migration = new Played(rule, long, link(1));
  for (const [i, [mib, rate]] of PUBLISHED.entries()) {
    const written = PUBLISHED[i + 1]?.[0] ?? 1;
    migration.play(pages(written * PAGES_PER_MIB), mib / rate * 1e9);
  }
  const { rounds } = migration.outcome!;
  expect(rounds).toHaveLength(4);
  for (const [i, [mib, , seconds, downtimeMs]] of PUBLISHED.entries()) {
    expect(rounds[i].sentBytes / MIB).toBe(mib);
    expect(rounds[i].durationNs / 1e9).toBeCloseTo(seconds, 2);
    expect(Math.abs(rounds[i].estimatedDowntimeNs / 1e6 - downtimeMs)).toBeLessThanOrEqual(2);
  }
});

test("QEMU's rule stops as soon as what is left fits into the downtime", () => {
  const migration = new Played(QEMU, timeline(1000, pages(400), 100e9), link(100 * PAGE, 2e9));
  // Ten seconds for all memory, of which 400 pages are written; four for those; one for 100.
  migration.play(pages(400), 10e9);
  expect(migration.outcome).toBeUndefined();
  migration.play(pages(100), 4e9);
  expect(migration.outcome).toMatchObject({
    ...{ stopReason: "downtime", isWithinDowntime: true, downtimeNs: 1e9, totalNs: 15e9 },
    sentBytes: 1500 * PAGE,
  });
});

test("of windows that a round cuts, a share of the pages counts", () => {
  const half = new Played(QEMU, timeline(100, pages(64), 100e9), link(100 * PAGE, 1e9), 100, 0.5);
  half.play(pages(64), 4e9); // the round takes one of the four seconds
  expect(half.outcome!.rounds[0].leftBytes).toBeCloseTo(32 * PAGE, 6);
});

test("a round that is longer than the trace has all pages that are ever written", () => {
  const short = timeline(1000, pages(70), 1e9);
  const migration = new Played(QEMU, short, link(100 * PAGE, 1e9));
  migration.play(pages(1), 1e9); // ten seconds are ten rounds of the trace
  expect(migration.outcome!.rounds[0].leftBytes).toBe(70 * PAGE);
});

test("a process that writes faster than the link never stops by QEMU's rule, and the plan ends", () => {
  const migration = new Played(QEMU, timeline(1000, pages(1000), 1e9), link(100 * PAGE));
  for (let i = 0; i < 1000 && migration.outcome === undefined; i++) {
    migration.play(pages(1000), 1e9);
  }
  expect(migration.outcome).toMatchObject({ stopReason: "endless", isWithinDowntime: false });
  // The second round is like the first, and so would be all to come.
  expect(migration.outcome!.rounds).toHaveLength(2);
  const large = new Played(QEMU, timeline(1000, pages(100_000, 5), 1e12), link(100 * PAGE));
  for (let i = 0; large.outcome === undefined; i++) large.play(pages(1000, i * 1000), 10e9);
  expect(large.outcome.stopReason).toBe("endless");
  expect(large.outcome.rounds).toHaveLength(30);
});

test("Xen's rule begins with 100 Mbit/s, goes 50 Mbit/s above the dirty rate, and ends with the link's", () => {
  const memory = 12_500_000 / PAGE; // a second at 100 Mbit/s
  const migration = new Played(XEN, timeline(memory, pages(1000), 100e9), link(1.25e9));
  migration.play(pages(1000), 1e9);
  const second = 1000 * PAGE / (1000 * PAGE + 6.25e6) * 1e9;
  migration.play(pages(49), second);
  const { rounds, ...rest } = migration.outcome!;
  expect(rounds.map(({ bytesPerSecond }) => bytesPerSecond)).toEqual([
    ...[12.5e6, 1000 * PAGE + 6.25e6],
  ]);
  expect(rest).toMatchObject({ rule: "xen", stopReason: "few-pages" });
  expect(rest.downtimeNs).toBeCloseTo(49 * PAGE / 1.25e9 * 1e9, 3);
});

test("Xen's rule gives up after three times the memory, or after 29 rounds", () => {
  const busy = new Played(XEN, timeline(1000, pages(1000), 100e9), link(1e6));
  while (busy.outcome === undefined) busy.play(pages(900), 1e9);
  expect(busy.outcome.stopReason).toBe("sent");
  expect(busy.outcome.sentBytes).toBeGreaterThan(3000 * PAGE);
  const small = new Played(XEN, timeline(1e6, pages(60), 1e3), link(1e9));
  for (let i = 0; i < 100 && small.outcome === undefined; i++) small.play(pages(60), 1e3);
  expect(small.outcome).toMatchObject({ stopReason: "rounds" });
  expect(small.outcome!.rounds).toHaveLength(29);
});

test("a process without memory is there at once", () => {
  const migration = new Played(QEMU, timeline(0, PageSet.empty, 1e9), link(1));
  migration.play(PageSet.empty, 1e9);
  expect(migration.outcome).toMatchObject({ downtimeNs: 0, totalNs: 0, sentBytes: 0 });
});
