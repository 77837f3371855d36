import fc from "fast-check";
import { expect, test } from "vitest";
import { distribution } from "../../lib/analysis/distribution.ts";

test("percentiles are values of the list, of which so many are not larger", () => {
  const values = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 60 });
  fc.assert(
    fc.property(values, fc.nat(20), (some, zeroCount) => {
      fc.pre(some.length + zeroCount > 0);
      const all = [...some, ...Array<number>(zeroCount).fill(0)];
      const reported = distribution(some, zeroCount);
      expect([reported.count, reported.min, reported.max]).toEqual([
        all.length,
        Math.min(...all),
        Math.max(...all),
      ]);
      for (
        const [percent, value] of [[25, reported.p25], [50, reported.p50], [
          75,
          reported.p75,
        ]] as const
      ) {
        expect(all).toContain(value);
        const share = (isIn: (one: number) => boolean) => all.filter(isIn).length * 100;
        expect(share((one) => one <= value)).toBeGreaterThanOrEqual(percent * all.length);
        expect(share((one) => one < value)).toBeLessThan(percent * all.length);
      }
      expect(reported.p90).toBeLessThanOrEqual(reported.p99);
    }),
  );
});

test("nothing cannot be summed up", () => {
  expect(() => distribution([])).toThrow(RangeError);
});
