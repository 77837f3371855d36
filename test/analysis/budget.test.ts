import { expect, test } from "vitest";
import { waitWithinBudget } from "../../lib/analysis/budget.ts";
import { RecentTable } from "../../lib/analysis/recent_table.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";

/** A process whose last window cost it so many faults. */
function costing(pageCount: number) {
  const table = new RecentTable();
  const sinceClear = { ...clearAt(0), durationNs: 0 };
  table.add(snapshot(`0 rw-p - ${"D".repeat(pageCount)}`, { sinceClear, atNs: 1e9 }));
  return table.states;
}

test("one waits as long as is wanted where that is within the budget", () => {
  expect(waitWithinBudget([], 1000, 0.01)).toBe(1000);
  expect(waitWithinBudget(costing(10), 1000, 0.01)).toBe(1000);
});

test("one waits until what the last window cost is within it, but never for ever", () => {
  // 100 µs are 1 % of 10 ms.
  expect(waitWithinBudget(costing(100), 1, 0.01)).toBeCloseTo(10);
  expect(waitWithinBudget(costing(100), 1, 1e-9)).toBe(3_600_000);
});

test("pages that are reported but were not written cost nothing", () => {
  const table = new RecentTable();
  const sinceClear = { ...clearAt(0), durationNs: 0 };
  table.add(snapshot(`0 rw-p - D${"d".repeat(5000)}`, { sinceClear, atNs: 1e9 }));
  expect(waitWithinBudget(table.states, 1, 0.001)).toBeCloseTo(1);
});

test("the process that pays most decides", () => {
  expect(waitWithinBudget([...costing(100), ...costing(200)], 1, 0.01)).toBeCloseTo(20);
});
