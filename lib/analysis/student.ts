/**
 * Student's t distribution: how far from 0 a mean of few values may lie by chance.
 *
 * @module
 */

/** For 1 to 10 degrees of freedom, from tables. */
const SMALL = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
/** Of the normal distribution. */
const Z = 1.959964;

/**
 * What 95 % of the distribution lie within, in standard errors to either side; by Fisher and Cornish's
 * expansion, which is exact to a thousandth from ten degrees of freedom on.
 */
export function student95(degrees: number): number {
  if (!(degrees >= 1)) return Infinity;
  if (degrees < 11) return SMALL[Math.floor(degrees) - 1];
  const [z, n] = [Z, degrees];
  const z3 = z * z * z;
  const z5 = z3 * z * z;
  return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n);
}
