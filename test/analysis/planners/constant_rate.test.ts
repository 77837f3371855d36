import fc from "fast-check";
import { expect, test } from "vitest";
import { power } from "../../../lib/analysis/exact_math.ts";
import { constantRate } from "../../../lib/analysis/planners/constant_rate.ts";

const link = { bytesPerSecond: 1000, maxDowntimeNs: 0.1e9 };

test("the formula is the sum of rounds that shrink by the same part", () => {
  fc.assert(fc.property(fc.double({ min: 0.01, max: 0.98, noNaN: true }), (lambda) => {
    const { roundCount, sentBytes, downtimeNs, totalNs } = constantRate(5000, lambda * 1000, link);
    let [left, sent, rounds] = [5000, 0, 0];
    while (left > 100 * (1 + 1e-12)) {
      sent += left;
      left *= lambda;
      rounds++;
    }
    expect(roundCount).toBe(rounds);
    expect(sentBytes).toBeCloseTo(sent + left, 3);
    expect(downtimeNs! / 1e9).toBeCloseTo(left / 1000, 6);
    expect(totalNs! / 1e9).toBeCloseTo((sent + left) / 1000, 6);
  }));
});

test("a threshold that a round meets exactly is met, whatever the logarithm says", () => {
  const memory = 5000;
  const threshold = memory * power(0.9, 4);
  const exact = { bytesPerSecond: 1000, maxDowntimeNs: threshold / 1000 * 1e9 };
  expect(constantRate(memory, 900, exact).roundCount).toBe(4);
});

test("from the rate of the link on it does not converge", () => {
  for (const rate of [1000, 5000]) {
    expect(constantRate(5000, rate, link)).toMatchObject({
      ...{ lambda: rate / 1000, roundCount: null, sentBytes: null, downtimeNs: null },
    });
  }
});

test("memory that fits into the downtime is sent in it, whatever the rate", () => {
  expect(constantRate(100, 5000, link)).toMatchObject({
    ...{ roundCount: 0, sentBytes: 100, downtimeNs: 0.1e9, totalNs: 0.1e9 },
  });
  expect(constantRate(100, 1000, link)).toMatchObject({ roundCount: 0, sentBytes: 100 });
});

test("a process that writes nothing needs one round", () => {
  expect(constantRate(5000, 0, link)).toMatchObject({
    ...{ roundCount: 1, sentBytes: 5000, downtimeNs: 0 },
  });
});
