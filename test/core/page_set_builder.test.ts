import { expect, test } from "vitest";
import { PageSetBuilder } from "../../lib/core/page_set_builder.ts";

test("PageSetBuilder joins a run that starts where the last one ended", () => {
  const builder = new PageSetBuilder();
  for (const page of [1, 3, 3, 5]) builder.toggle(page);
  expect([...builder.build().edges]).toEqual([1, 5]);
});

test("PageSetBuilder grows without losing edges", () => {
  const builder = new PageSetBuilder();
  for (let page = 0; page < 1000; page++) builder.toggle(page * 2);
  const set = builder.build();
  expect(set.runCount).toBe(500);
  expect(set.edges[999]).toBe(1998);
});

test("PageSetBuilder refuses a run without an end", () => {
  const builder = new PageSetBuilder();
  builder.toggle(7);
  expect(() => builder.build()).toThrow("no end");
});
