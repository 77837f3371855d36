import { expect, test } from "vitest";
import type { ForkPlan } from "../../lib/analysis/planners/fork.ts";
import { forksText } from "../../lib/page/forks_text.ts";

const plan = {
  pageSizeBytes: 4096,
  durationNs: 5e9,
  moments: [
    { atNs: 1e9, copiedPages: 256 },
    { atNs: 2e9, copiedPages: 768 },
    { atNs: 3e9, copiedPages: 512 },
  ],
} as unknown as ForkPlan;

test("forks of a part of the time are reported, with the worst of them", () => {
  expect(forksText(plan, 0, 10e9)).toBe(
    "Forked at 3 moments: the median costs 2.00 MiB, the worst, at 2.00 s, 3.00 MiB.",
  );
  expect(forksText(plan, 2.5e9, 3e9)).toBe(
    "Forked at 3.00 s it costs 2.00 MiB.",
  );
});

test("a time in which no fork was tried is reported as such", () => {
  expect(forksText(plan, 0, 0.5e9)).toMatch(/^No fork was tried in this time/);
  expect(forksText(plan, 4e9, 10e9)).toMatch(/^No fork was tried in this time/);
  expect(forksText({ ...plan, moments: [] }, 0, 10e9)).toBe("");
});
