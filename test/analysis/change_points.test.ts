import fc from "fast-check";
import { expect, test } from "vitest";
import { changePoints, SegmentCosts } from "../../lib/analysis/change_points.ts";

const series = (...values: number[]) => ({ dimensions: 1, values: Float64Array.from(values) });

/** What it comes to, over all ways to cut. */
function leastSum(
  costs: SegmentCosts,
  count: number,
  penalty: number,
  leastLength: number,
): number {
  const best = [-penalty];
  for (let end = 1; end <= count; end++) {
    best[end] = Infinity;
    for (let start = 0; start + leastLength <= end; start++) {
      best[end] = Math.min(best[end], best[start] + costs.between(start, end) + penalty);
    }
  }
  return best[count];
}

test("the parts that are found are the best that there are", () => {
  const value = fc.integer({ min: 0, max: 5 });
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 8, maxLength: 40 }),
      fc.integer({ min: 1, max: 2 }),
      fc.integer({ min: 1, max: 4 }),
      fc.double({ min: 0.1, max: 20, noNaN: true }),
      (values, dimensions, leastLength, penalty) => {
        const even = values.slice(0, values.length - values.length % dimensions);
        const one = { dimensions, values: Float64Array.from(even) };
        const count = even.length / dimensions;
        const costs = new SegmentCosts(one);
        const found = changePoints(one, { penalty, leastLength });
        const edges = [0, ...found, count];
        let sum = -penalty;
        for (let i = 1; i < edges.length; i++) {
          expect(edges[i] - edges[i - 1]).toBeGreaterThanOrEqual(leastLength);
          sum += costs.between(edges[i - 1], edges[i]) + penalty;
        }
        expect(sum).toBeCloseTo(leastSum(costs, count, penalty, leastLength), 6);
      },
    ),
    { numRuns: 500 },
  );
});

test("a series that does not change is one part, and so is one that is too short for two", () => {
  const options = { penalty: 0.1, leastLength: 3 };
  expect(changePoints(series(...Array(50).fill(7)), options)).toEqual([]);
  expect(changePoints(series(0, 100, 0, 100), options)).toEqual([]);
  expect(changePoints(series(1), { penalty: 1, leastLength: 1 })).toEqual([]);
});

test("costs are squared distances to the mean", () => {
  const costs = new SegmentCosts({ dimensions: 2, values: Float64Array.of(0, 0, 2, 0, 1, 3) });
  expect(costs.between(0, 2)).toBe(2);
  expect(costs.between(0, 3)).toBe(2 + 6);
  expect(costs.between(1, 2)).toBe(0);
});

test("a long series with few changes takes no long time", () => {
  const values = Array.from({ length: 20_000 }, (_, i) => Math.floor(i / 2000) % 2 * 10 + i % 3);
  const found = changePoints(series(...values), { penalty: 50, leastLength: 2 });
  expect(found).toHaveLength(9);
  for (const [i, at] of found.entries()) expect(Math.abs(at - (i + 1) * 2000)).toBeLessThan(3);
});
