/**
 * Logarithms, exponentials and powers that are the same to the last digit on every runtime.
 *
 * The language leaves the last digits of `Math.log`, `Math.exp`, `Math.pow` and `**` to each engine, and
 * engines differ, also from one version to the next. These here are made of additions, multiplications and
 * divisions alone, which IEEE 754 rounds in one way. Over the numbers that measures have they are within
 * 4 units in the last place of the true value for logarithms, and within a relative error of 1e-14 for
 * powers whose result is between 1e-30 and 1e30.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { log2, power } from "./exact_math.ts";
 *
 * assert.equal(log2(2 ** 40), 40);
 * assert.equal(power(3, 4), 81);
 * assert(Math.abs(power(10, 0.5) - Math.sqrt(10)) < 1e-14);
 * ```
 *
 * @module
 */

const LN2 = 0.6931471805599453;
const SQRT2 = 1.4142135623730951;

/** Terms of the series of log: the last one is below 1e-18 of the sum. */
const LOG_TERMS = 12;
/** Terms of the series of exp, for up to half of LN2. */
const EXP_TERMS = 16;

const bits = new DataView(new ArrayBuffer(8));

/** The logarithm to base 2; exact for powers of two. As `Math.log2` for 0, negative numbers and NaN. */
export function log2(value: number): number {
  const { exponent, logOfRest } = split(value);
  return exponent + logOfRest / LN2;
}

/** The natural logarithm. As `Math.log` for 0, negative numbers and NaN. */
export function log(value: number): number {
  const { exponent, logOfRest } = split(value);
  return exponent * LN2 + logOfRest;
}

/**
 * `base` to the power of `exponent`. For whole exponents it is a product; else the base must not be
 * negative.
 */
export function power(base: number, exponent: number): number {
  if (Number.isInteger(exponent) && Math.abs(exponent) <= 1024) return product(base, exponent);
  if (base === 0) return exponent > 0 ? 0 : Infinity;
  if (base === 1) return 1;
  return exp2(exponent * log2(base));
}

/** 2 to the power of `exponent`. */
export function exp2(exponent: number): number {
  if (Number.isNaN(exponent)) return NaN;
  if (exponent >= 1024) return Infinity;
  if (exponent < -1075) return 0;
  const whole = Math.round(exponent);
  const x = (exponent - whole) * LN2;
  let sum = 1;
  for (let n = EXP_TERMS; n > 0; n--) sum = 1 + sum * x / n;
  return scaled(sum, whole);
}

/** A product of as many factors, by squares. */
function product(base: number, count: number): number {
  let result = 1;
  let square = base;
  for (let left = Math.abs(count); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= square;
    square *= square;
  }
  return count < 0 ? 1 / result : result;
}

/** `value` times a power of two, which is exact unless it is too small or too large. */
function scaled(value: number, exponent: number): number {
  // In two steps, since a factor alone may be too large.
  const half = Math.trunc(exponent / 2);
  return value * powerOfTwo(half) * powerOfTwo(exponent - half);
}

/** For exponents from -1022 to 1023. */
function powerOfTwo(exponent: number): number {
  bits.setInt32(0, (exponent + 1023) << 20);
  bits.setInt32(4, 0);
  return bits.getFloat64(0);
}

/** A value as a power of two times a rest from half of to all of the square root of two. */
function split(value: number): { exponent: number; logOfRest: number } {
  if (!(value > 0)) return { exponent: 0, logOfRest: value === 0 ? -Infinity : NaN };
  if (value === Infinity) return { exponent: 0, logOfRest: Infinity };
  // Numbers below the least normal one have no exponent of their own.
  const isSmall = value < 2.2250738585072014e-308;
  bits.setFloat64(0, isSmall ? value * 0x10000000000000 : value);
  let exponent = ((bits.getUint32(0) >>> 20) & 0x7ff) - 1023 - (isSmall ? 52 : 0);
  bits.setUint32(0, (bits.getUint32(0) & 0xfffff) | (1023 << 20));
  let rest = bits.getFloat64(0);
  if (rest > SQRT2) {
    rest /= 2;
    exponent++;
  }
  // log(rest) = 2 * artanh(s), of which the series converges fast for such a small s.
  const s = (rest - 1) / (rest + 1);
  const square = s * s;
  let sum = 0;
  for (let n = LOG_TERMS; n >= 0; n--) sum = sum * square + 1 / (2 * n + 1);
  return { exponent, logOfRest: 2 * s * sum };
}
