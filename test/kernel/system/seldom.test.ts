import { expect, test } from "vitest";
import { Seldom } from "../../../lib/kernel/system/seldom.ts";

test("what took a time is not done again for a hundred times as long, and never before the least time", () => {
  let nowNs = 0;
  let count = 0;
  const work = () => {
    nowNs += 10;
    return ++count;
  };
  const seldom = new Seldom(() => nowNs);
  expect(seldom.try(work)).toBe(1);
  nowNs = 1009;
  expect(seldom.try(work)).toBeUndefined();
  nowNs = 1010;
  expect(seldom.try(work)).toBe(2);

  const atLeast = new Seldom(() => nowNs, { leastNs: 5000 });
  atLeast.try(work);
  nowNs += 4999;
  expect(atLeast.try(work)).toBeUndefined();
  nowNs += 1;
  expect(atLeast.try(work)).toBe(4);

  const atMost = new Seldom(() => nowNs, { mostNs: 100 });
  atMost.try(work);
  nowNs += 100;
  expect(atMost.try(work)).toBe(6);
});
