import { describe, expect, test } from "vitest";
import { Snapshot } from "../../lib/core/snapshot.ts";
import { compareTraces, isGrownBy } from "../../lib/analysis/compare.ts";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { clearAt, seconds } from "../helpers/drawn_snapshot.ts";
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

test("a difference within noise is not reported as certain", () => {
  const often = (...letters: string[]) => heap(...Array(4).fill(letters).flat());
  const [{ rate }] = compareTraces(often("Dppp", "DDDD", "pppp"), often("DDDD", "DDpp", "pppp"));
  expect(rate.growth).toBeCloseTo(1 / 5, 12);
  expect(rate.isCertain).toBe(false);
  expect(rate.atLeast).toBeLessThan(0);
  expect(rate.atMost).toBeGreaterThan(0.2);
  // What may have been nothing has no growth that is bounded.
  const [few] = compareTraces(heap("Dppp", "DDDD", "pppp"), heap("DDDD", "DDpp", "pppp"));
  expect(few.rate).toMatchObject({ atLeast: -1, atMost: null, isCertain: false });
});

/** A small generator of its own, so that each run draws the same. */
function generator(): () => number {
  let state = 1;
  return () => (state = state * 48271 % 2147483647) / 2147483647;
}

test.each([3, 5, 30])("of %i windows each, 95 of 100 ranges hold the true difference", (count) => {
  const random = generator();
  const drawn = () =>
    heap(...Array.from(
      { length: count },
      () => Array.from({ length: 24 }, () => random() < 0.5 ? "D" : "p").join(""),
    ));
  let [held, certain] = [0, 0];
  for (let i = 0; i < 400; i++) {
    const [{ rate }] = compareTraces(drawn(), drawn());
    if (rate.atLeast! <= 0 && 0 <= (rate.atMost ?? Infinity)) held++;
    if (rate.isCertain) certain++;
  }
  expect(held / 400).toBeGreaterThan(0.92);
  expect(held / 400).toBeLessThan(0.995);
  // The range and what is called certain never contradict each other.
  expect(held + certain).toBe(400);
});

test("the standard error is that of a ratio of sums", () => {
  // 1 and 3 pages in a second each: 2 a second, give or take 1; t of about 1.47 degrees is 12.7.
  const [{ rate }] = compareTraces(heap("DDpp", "DDpp"), heap("Dppp", "DDDp"));
  expect(rate.atLeast).toBe(-1);
  expect(rate.atMost).toBeCloseTo(12.706 / 2, 6);
});

test("memory that varies by a page in very many is not certain to have changed", () => {
  const vast = (pages: number) => snapshotOf(pages);
  const [{ memory }] = compareTraces(
    [vast(26e6), vast(26e6 + 2), vast(26e6 - 2)],
    [vast(26e6 + 1), vast(26e6 - 1), vast(26e6)],
  );
  expect(memory!.isCertain).toBe(false);
});

function snapshotOf(pages: number) {
  const [one] = seconds("0 rw-p - p");
  const present = PageSet.from([{ start: 0, end: pages }]);
  index++;
  return new Snapshot({
    ...one,
    vmas: [{ ...one.vmas[0], end: pages }],
    pages: { ...one.pages, present },
    sinceClear: clearAt(index * 1e9),
    atNs: index * 1e9 + 9e8,
  });
}
let index = 0;

test("isGrownBy() holds if a rate or memory grew by more than the limit, beyond noise", () => {
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

test("one window makes no difference certain, even for a mapping that it does not have", () => {
  const [{ mappings }] = compareTraces(
    seconds("0 rw-p /x D\n9 rw-p /y D", "0 rw-p /x D\n9 rw-p /y D"),
    seconds("0 rw-p /x D"),
  );
  expect(mappings.find(({ name }) => name === "/y")!.rate.isCertain).toBe(false);
  const [{ rate }] = compareTraces(heap("Dp"), heap("DD"));
  expect(rate).toMatchObject({ growth: 1, atLeast: null, atMost: null, isCertain: false });
});

test("a command that is in only one trace is reported, and has not grown", () => {
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
  test("is the same, with the rate that the measure of rates reports", () => {
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
