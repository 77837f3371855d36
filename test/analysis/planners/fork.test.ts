import { describe, expect, test } from "vitest";
import { planForks } from "../../../lib/analysis/planners/fork.ts";
import { openTrace } from "../../../lib/session/sd.ts";
import { seconds } from "../../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../../helpers/recordings.ts";

test("a fork costs what is written while the child lives, of what was there when it was born", () => {
  const [plan] = planForks(
    seconds("0 rw-p - pppp..", "0 rw-p - DDppD.", "0 rw-p - DpDpDD", "0 rw-p - pppppp"),
    { durationNs: 2e9 },
  );
  expect(plan).toMatchObject({
    askedNs: 2e9,
    durationNs: 2e9,
    momentCount: 2,
    isMemoryRecorded: true,
  });
  // At 1 s: pages 0, 1 and 2; what came into being since then is no copy. At 2 s: 0, 2 and 4.
  expect(plan.copiedPages).toMatchObject({ count: 2, min: 3, max: 3 });
  expect(plan).toMatchObject({ meanPages: 3, atLeastPages: 3, atMostPages: 3, privatePages: 4.5 });
});

test("the worst moment is reported", () => {
  const [plan] = planForks(
    seconds("0 rw-p - pppp", "0 rw-p - Dppp", "0 rw-p - DDDp", "0 rw-p - pppp"),
    { durationNs: 1e9 },
  );
  expect(plan.copiedPages).toMatchObject({ count: 3, min: 0, p50: 1, max: 3 });
  expect(plan.worstAtNs).toBe(2e9);
  expect(plan.moments).toEqual([
    { atNs: 1e9, copiedPages: 1 },
    { atNs: 2e9, copiedPages: 3 },
    { atNs: 3e9, copiedPages: 0 },
  ]);
});

test("a share of the window in which the child ends counts, between bounds that are reported", () => {
  const [plan] = planForks(
    seconds("0 rw-p - pppp", "0 rw-p - DDDD", "0 rw-p - ppDD", "0 rw-p - DDpp"),
    { durationNs: 0.5e9 },
  );
  expect(plan.atLeastPages).toBeCloseTo((2 + 1 + 1) / 3, 9);
  expect(plan.atMostPages).toBeCloseTo((4 + 2 + 2) / 3, 9);
  expect(plan.meanPages).toBeGreaterThan(plan.atLeastPages!);
  expect(plan.meanPages).toBeLessThan(plan.atMostPages!);
});

test("shared memory is not copied", () => {
  const [plan] = planForks(
    seconds("0 rw-s /shm pp\n8 rw-p - p", "0 rw-s /shm DD\n8 rw-p - D"),
    { durationNs: 1e9 },
  );
  expect(plan).toMatchObject({ meanPages: 1, privatePages: 1 });
});

test("a child that would outlive the trace lives until the trace ends", () => {
  const [plan] = planForks(seconds("0 rw-p - pp", "0 rw-p - Dp", "0 rw-p - pD"), {
    durationNs: 1e12,
  });
  expect(plan).toMatchObject({ askedNs: 1e12, durationNs: 2e9, momentCount: 1, meanPages: 2 });
  const [none] = planForks(seconds("0 rw-p - D"), { durationNs: 1e9 });
  expect(none).toMatchObject({ copiedPages: null, meanPages: null, worstAtNs: null });
});

test("of very many moments so many are tried that the sets of some children alone are held", () => {
  const many = seconds(
    ...Array.from({ length: 2000 }, (_, i) => `0 rw-p - ${i % 2 ? "Dp" : "pD"}`),
  );
  const [plan] = planForks(many, { durationNs: 1000e9 });
  expect(plan.momentCount).toBeGreaterThan(30);
  expect(plan.momentCount).toBeLessThan(130);
  expect(plan.meanPages).toBe(2);
});

describe.each(RECORDINGS)("forks in the recording %s", (name) => {
  const { snapshots } = openTrace(recordingFile(name));
  test("cost the more the longer the child lives, and no more than there is", () => {
    const costs = [0.1e9, 0.5e9, 2e9].map((durationNs) =>
      // Of the program that was seen longest.
      planForks(snapshots, { durationNs }).toSorted((a, b) => b.momentCount - a.momentCount)[0]
    );
    for (const { copiedPages, privatePages } of costs) {
      if (copiedPages !== null) expect(copiedPages.p50).toBeLessThanOrEqual(privatePages);
    }
    // A trace that is too short has only one moment.
    const whole = costs.filter(({ askedNs, durationNs }) => durationNs === askedNs);
    expect(whole.length).toBeGreaterThan(0);
    const means = whole.map(({ meanPages }) => meanPages!);
    expect(means.toSorted((a, b) => a - b)).toEqual(means);
  });
});
