import { describe, expect, test } from "vitest";
import { planMigrations } from "../../../lib/analysis/planners/migrate.ts";
import { timelines } from "../../../lib/analysis/planners/timeline.ts";
import { openTrace } from "../../../lib/session/sd.ts";
import { seconds } from "../../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../../helpers/recordings.ts";
import { some } from "../../helpers/some.ts";

const PAGE = 4096;
const link = (pagesPerSecond: number, maxDowntimeNs = 0.1e9) => ({
  bytesPerSecond: pagesPerSecond * PAGE,
  maxDowntimeNs,
});

test("how pages grow with time is derived from neighbouring windows", () => {
  const growthOf = (...drawings: string[]) => timelines(seconds(...drawings))[0].growth;
  expect(growthOf("0 rw-p - DDpp", "0 rw-p - DDpp", "0 rw-p - DDpp")).toBe(0);
  expect(growthOf("0 rw-p - DDpp", "0 rw-p - ppDD")).toBe(1);
  expect(growthOf("0 rw-p - DDpp")).toBe(1);
  expect(growthOf("0 rw-p - pppp", "0 rw-p - pppp")).toBe(1);
});

test("a plan replays what was written, where a constant rate overestimates it", () => {
  // The same four pages each second: a constant rate takes them for new ones.
  const same = seconds(...Array(10).fill(`0 rw-p - DDDD${"p".repeat(36)}`));
  const [plan] = planMigrations(same, link(8, 0.5e9));
  // Forty pages take five seconds, and leave four.
  expect(plan.qemu.rounds.map(({ leftBytes }) => leftBytes / PAGE)).toEqual([4]);
  expect(plan.qemu).toMatchObject({ stopReason: "downtime", downtimeNs: 0.5e9, totalNs: 5.5e9 });
  expect(plan.formula.lambda).toBe(0.5);
  expect(plan.formula.roundCount).toBe(4);
  expect(plan.timeline).toMatchObject({ memoryPages: 40, everDirtyPages: 4, growth: 0 });
});

test("the slowest link that will do does, from each moment, and a slower one does not", () => {
  const busy = seconds(
    ...Array.from(
      { length: 12 },
      (_, i) =>
        `0 rw-p - ${
          Array.from({ length: 60 }, (_, n) => (n * 7 + i * 5) % 11 < 3 ? "D" : "p").join("")
        }`,
    ),
  );
  const [{ neededBytesPerSecond }] = planMigrations(busy, link(1));
  const convergedWith = (bytesPerSecond: number) => {
    const [{ starts }] = planMigrations(busy, { bytesPerSecond, maxDowntimeNs: 0.1e9 });
    return starts.convergedCount / starts.count;
  };
  expect(convergedWith(neededBytesPerSecond!)).toBe(1);
  expect(convergedWith(neededBytesPerSecond! / 1.03)).toBeLessThan(1);
});

test("a downtime of zero is reported as out of reach if the process writes all the time", () => {
  const all = seconds("0 rw-p - DDDD", "0 rw-p - DDDD");
  const [plan] = planMigrations(all, link(1e3, 0));
  expect(plan.neededBytesPerSecond).toBeNull();
  expect(plan.qemu.stopReason).toBe("endless");
});

test("the bandwidth reported as needed is above that of each link that is too slow", () => {
  const busy = seconds(
    ...Array.from(
      { length: 12 },
      (_, i) =>
        `0 rw-p - ${
          Array.from({ length: 60 }, (_, n) => (n * 7 + i * 5) % 11 < 3 ? "D" : "p").join("")
        }`,
    ),
  );
  for (let pagesPerSecond = 20; pagesPerSecond < 2000; pagesPerSecond *= 1.3) {
    const [plan] = planMigrations(busy, link(pagesPerSecond));
    const isEnough = plan.starts.convergedCount === plan.starts.count;
    if (!isEnough) expect(plan.neededBytesPerSecond).toBeGreaterThan(plan.link.bytesPerSecond);
  }
});

test("a process that writes nothing needs no certain link", () => {
  const [plan] = planMigrations(seconds("0 rw-p - pp", "0 rw-p - pp"), link(1e6, 1e9));
  expect(plan.neededBytesPerSecond).toBe(0);
});

test("what was written and is gone is not sent", () => {
  const moving = Array.from({ length: 10 }, (_, i) => `${16 + i * 8} rw-p /f${i} DDDD`);
  const [plan] = planMigrations(seconds(...moving), link(1, 0));
  for (const { leftBytes } of some(plan.qemu.rounds)) {
    expect(leftBytes).toBeLessThanOrEqual(4 * PAGE);
  }
});

test("a generator of snapshots is as good as a list of them", () => {
  const list = seconds("0 rw-p - DDpp", "0 rw-p - pDDp", "0 rw-p - ppDD");
  expect(planMigrations(
    (function* () {
      yield* list;
    })(),
    link(8),
  )).toEqual(planMigrations(list, link(8)));
  expect(planMigrations([], link(8))).toEqual([]);
});

describe.each(RECORDINGS)("migrations of the recording %s", (name) => {
  const { snapshots } = openTrace(recordingFile(name));
  test("are possible over a fast link, with a downtime between the bounds", () => {
    for (
      const plan of some(planMigrations(snapshots, { bytesPerSecond: 1.25e9, maxDowntimeNs: 3e8 }))
    ) {
      expect(plan.qemu.isWithinDowntime).toBe(true);
      expect(plan.starts.convergedCount).toBe(plan.starts.count);
      expect(plan.qemu.rounds[0].sentBytes).toBe(plan.timeline.memoryPages * PAGE);
      expect(plan.openDowntimeNs.least).toBeLessThanOrEqual(plan.qemu.downtimeNs);
      expect(plan.openDowntimeNs.most).toBeGreaterThanOrEqual(plan.qemu.downtimeNs);
      expect(plan.neededBytesPerSecond).toBeLessThan(1.25e9);
    }
  });
});
