import { describe, expect, test } from "vitest";
import { compareTraces, isGrownBy } from "../../lib/analysis/compare.ts";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { seconds } from "../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";

const PAGE = 4096;
const heap = (...letters: string[]) => seconds(...letters.map((one) => `0 rw-p [heap] ${one}`));

test("what is dirtied a second and what exists are compared, in all and by name", () => {
  const [one] = compareTraces(
    seconds("0 rw-p [heap] DDpp\n9 rw-p /old D", "0 rw-p [heap] DDpp\n9 rw-p /old D"),
    seconds("0 rw-p [heap] DDDp\n9 rw-p /new D", "0 rw-p [heap] DDDp\n9 rw-p /new D"),
  );
  expect(one).toMatchObject({
    command: "drawn",
    before: { processCount: 1, windowCount: 2, meanWindowNs: 1e9, trackers: ["soft-dirty"] },
    after: { processCount: 1, windowCount: 2, meanWindowNs: 1e9 },
    rate: { before: 3 * PAGE, after: 4 * PAGE, isCertain: true },
    memory: { before: 5 * PAGE, after: 5 * PAGE, growth: 0, isCertain: false },
  });
  expect(one.rate.growth).toBeCloseTo(1 / 3, 12);
  expect([one.rate.atLeast, one.rate.atMost]).toEqual([one.rate.growth, one.rate.growth]);
  expect(one.mappings.map(({ name, rate: { before, after, growth } }) => [
    ...[name, before! / PAGE, after! / PAGE, growth],
  ])).toEqual([["[heap]", 2, 3, 0.5], ["/old", 1, 0, -1], ["/new", 0, 1, null]]);
});

test("a difference that chance may have made is told as such", () => {
  const [{ rate }] = compareTraces(heap("Dppp", "DDDD", "pppp"), heap("DDDD", "DDpp", "pppp"));
  expect(rate.growth).toBeCloseTo(1 / 5, 12);
  expect(rate.isCertain).toBe(false);
  expect(rate.atLeast).toBeLessThan(0);
  expect(rate.atMost).toBeGreaterThan(0.2);
});

test("the 95 % hold 95 times in 100, when windows are drawn from one distribution", () => {
  // A small generator of its own, so that each run draws the same.
  let state = 1;
  const random = () => (state = state * 48271 % 2147483647) / 2147483647;
  const drawn = () =>
    heap(
      ...Array.from({ length: 30 }, () =>
        Array.from({ length: 8 }, () => random() < 0.5 ? "D" : "p").join("")),
    );
  let held = 0;
  for (let i = 0; i < 300; i++) {
    const [{ rate }] = compareTraces(drawn(), drawn());
    if (rate.atLeast! <= 0 && 0 <= rate.atMost!) held++;
  }
  expect(held).toBeGreaterThan(0.91 * 300);
  expect(held).toBeLessThan(0.99 * 300);
});

test("only what grew for sure, and by more than the limit, is grown", () => {
  const [small, large] = [heap("Dpppp", "Dpppp"), heap("DDppp", "DDppp")];
  expect(isGrownBy(compareTraces(small, large), 0.5)).toBe(true);
  expect(isGrownBy(compareTraces(small, large), 1)).toBe(false);
  expect(isGrownBy(compareTraces(large, small), 0)).toBe(false);
  expect(isGrownBy(compareTraces(small, small), 0)).toBe(false);
  const [calm, busy] = [heap("Dpppp", "DDDDp"), heap("DDDDD", "Dpppp")];
  expect(isGrownBy(compareTraces(calm, busy), 0.1)).toBe(false);
  expect(isGrownBy(compareTraces(heap("pp", "pp"), heap("Dp", "Dp")), 10)).toBe(true);
  // Memory counts as well.
  expect(isGrownBy(compareTraces(heap("Dp", "Dp"), heap("Dppp", "Dppp")), 0.5)).toBe(true);
});

test("one window alone does not tell for sure", () => {
  const [{ rate }] = compareTraces(heap("Dp"), heap("DD"));
  expect(rate).toMatchObject({ growth: 1, atLeast: null, atMost: null, isCertain: false });
});

test("a command that is in one trace alone is told, and has not grown", () => {
  const comparisons = compareTraces([], heap("DD", "DD"));
  expect(comparisons).toMatchObject([{
    command: "drawn",
    before: null,
    after: { windowCount: 2 },
  }]);
  expect(isGrownBy(comparisons, 0)).toBe(false);
  expect(compareTraces([], [])).toEqual([]);
});

describe.each(RECORDINGS)("the recording %s, compared with itself,", (name) => {
  test("is the same, with the rate that the measure of rates tells", () => {
    const { snapshots } = openTrace(recordingFile(name));
    const comparisons = compareTraces(snapshots, snapshots);
    for (const { rate, memory, mappings } of comparisons) {
      for (const change of [rate, memory, ...mappings.map(({ rate }) => rate)]) {
        if (change === null) continue;
        expect(change).toMatchObject({ growth: 0, isCertain: false });
      }
    }
    expect(isGrownBy(comparisons, 0)).toBe(false);
    const rates = dirtyRates(snapshots);
    const commands = rates.map(({ process: { command } }) => command);
    if (new Set(commands).size < commands.length) return;
    for (const { command, rate } of comparisons) {
      const { meanBytesPerSecond } = rates.find(({ process }) => process.command === command)!;
      expect(rate.before).toBeCloseTo(meanBytesPerSecond, 3);
    }
  });
});
