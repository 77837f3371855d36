import { expect, test } from "vitest";
import { WorkBudget } from "../../lib/trace/work_budget.ts";

test("what takes half of a budget can be done once more, and what takes more cannot", () => {
  const budget = new WorkBudget("a.sdtrace", 1, undefined, 100);
  budget.spend(50);
  expect(() => budget.assertAsMuchLeft()).not.toThrow();
  budget.spend(1);
  expect(() => budget.assertAsMuchLeft()).toThrow(/a\.sdtrace asks for too much work/);
  expect(() => budget.spend(49)).not.toThrow();
  expect(() => budget.spend(1)).toThrow(/too much work/);
});
