import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exp2, log, log2, power } from "../../lib/analysis/exact_math.ts";
import { Random } from "../fuzz/random.ts";

const positive = fc.double({ min: 1e-300, max: 1e300, noNaN: true });
const near = (found: number, expected: number, error: number) => {
  const isNear = Math.abs(found - expected) <= error * Math.max(Math.abs(expected), 1e-300);
  expect(isNear || found === expected, `${found} instead of ${expected}`).toBe(true);
};

describe("logarithms", () => {
  test("are those of the runtime but for the last digits", () => {
    fc.assert(
      fc.property(positive, (value) => {
        near(log(value), Math.log(value), 1e-15);
        near(log2(value), Math.log2(value), 1e-15);
      }),
      { numRuns: 2000 },
    );
    for (const value of [1 + 2 ** -52, 1 - 2 ** -53, 1.0001, 0.9999, Math.SQRT2, 5e-324]) {
      near(log(value), Math.log(value), 1e-15);
    }
  });

  test("are exact for powers of two, and those of the runtime where there are none", () => {
    for (let i = -1074; i < 1024; i++) expect(log2(exp2(i))).toBe(i);
    for (const value of [0, -0, -1, NaN, Infinity, -Infinity, 1]) {
      expect(log2(value)).toBe(Math.log2(value));
      expect(log(value)).toBe(Math.log(value));
    }
  });
});

describe("powers", () => {
  const base = fc.double({ min: 1e-12, max: 1e12, noNaN: true });
  const exponent = fc.double({ min: -2.5, max: 2.5, noNaN: true });

  test("are those of the runtime but for the last digits", () => {
    // A relative error of the logarithm becomes one of the power times the exponent to base 2.
    const tolerance = (b: number, e: number) => 1e-15 + 4e-16 * Math.abs(e * Math.log2(b));
    fc.assert(fc.property(base, exponent, (b, e) => near(power(b, e), b ** e, tolerance(b, e))), {
      numRuns: 2000,
    });
    fc.assert(fc.property(base, fc.integer({ min: -20, max: 20 }), (b, e) => {
      near(power(b, e), b ** e, tolerance(b, e));
    }));
  });

  test("are exact where the result is representable, infinite or NaN", () => {
    fc.assert(fc.property(base, exponent, (b, e) => {
      expect([power(b, 0), power(b, 1), power(b, 2), power(1, e)]).toEqual([1, b, b * b, 1]);
    }));
    expect([power(0, 0.3), power(0, 0), power(0, -0.5)]).toEqual([0, 1, Infinity]);
    expect([exp2(0), exp2(10), exp2(-1074), exp2(-1080), exp2(1024), exp2(1023)]).toEqual([
      ...[1, 1024, 5e-324, 0, Infinity, 2 ** 1023],
    ]);
    expect([power(NaN, 0.5), power(2, NaN), power(-1, 0.5)]).toEqual([NaN, NaN, NaN]);
  });

  test("do not fall where they ought to grow", () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), exponent, (share, e) => {
      const found = power(share, Math.abs(e));
      expect(found).toBeGreaterThanOrEqual(0);
      expect(found).toBeLessThanOrEqual(1);
    }));
  });
});

test("all runtimes have the same digits", () => {
  const random = new Random(7);
  let sum = 0n;
  const view = new DataView(new ArrayBuffer(8));
  const add = (value: number) => {
    view.setFloat64(0, value);
    sum = (sum * 31n + view.getBigUint64(0)) % (1n << 64n);
  };
  for (let i = 0; i < 20_000; i++) {
    const [a, b] = [random.below(2 ** 31) / 1000 + 0.001, random.below(4000) / 1000];
    for (const value of [log(a), log2(a), exp2(b), power(a, b), power(b, 0.7)]) add(value);
  }
  expect(sum.toString(16)).toMatchInlineSnapshot(`"5f589f9f2f527a3d"`);
});

/** What the language leaves to each engine; `Math.sqrt` is not among it. */
const INEXACT =
  /\*\*|Math\.(pow|exp|expm1|log|log2|log10|log1p|cbrt|hypot|sin|cos|tan|a?sinh?|a?cosh?|a?tanh?|atan2)\b/;

test("no measure uses what the language leaves to each engine", () => {
  const folder = fileURLToPath(new URL("../../lib/analysis", import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const found = files.filter((name) => name.endsWith(".ts")).flatMap((name) => {
    const lines = readFileSync(`${folder}/${name}`, "utf8").split("\n");
    // Comments aside, and what is a constant: 2 to a whole power is exact everywhere.
    const code = lines.map((line) => line.replace(/^\s*(\/\*\*|\*).*|\/\/.*|2 \*\* \d+/g, ""));
    return code.flatMap((line, i) => INEXACT.test(line) ? [`${name}:${i + 1}: ${lines[i]}`] : []);
  });
  expect(found).toEqual([]);
});
