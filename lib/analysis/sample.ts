/**
 * Means of windows that are not equally long, and how much chance is in them.
 *
 * @module
 */

/** How heavy windows are, all together: as long as they are, or one each. */
export class Weights {
  count = 0;
  sum = 0;
  squares = 0;

  add(weight: number): void {
    this.count++;
    this.sum += weight;
    this.squares += weight * weight;
  }
}

/** What windows have; those that have nothing need not be added. */
export class Sample {
  readonly #weights: Weights;
  /** A first guess of the ratio: sums of what differs from it lose nothing to rounding. */
  #guess: number | undefined;
  #count = 0;
  #difference = 0;
  #squares = 0;
  #products = 0;
  #weight = 0;
  #weightSquares = 0;

  constructor(weights: Weights) {
    this.#weights = weights;
  }

  add(value: number, weight: number): void {
    this.#guess ??= value / weight;
    const difference = value - this.#guess * weight;
    this.#count++;
    this.#difference += difference;
    this.#squares += difference * difference;
    this.#products += difference * weight;
    this.#weight += weight;
    this.#weightSquares += weight * weight;
  }

  /** The mean, and its standard error, squared; of one window alone that is not known. */
  get estimate(): Estimate {
    const { count, sum, squares } = this.#weights;
    const guess = this.#guess ?? 0;
    // Of windows that were not added the value is 0.
    const [weight, weightSquares] = [sum - this.#weight, squares - this.#weightSquares];
    const difference = this.#difference - guess * weight;
    const mean = guess + difference / sum;
    const correction = difference / sum;
    const residual = this.#squares + guess * guess * weightSquares -
      2 * correction * (this.#products - guess * weightSquares) + correction * correction * squares;
    // What rounding leaves of equal values is no variance.
    const isNone = residual <= 1e-26 * guess * guess * squares;
    return {
      mean: this.#count === 0 ? 0 : mean,
      errorSquared: count < 2 ? NaN : isNone ? 0 : residual / (count - 1) * count / (sum * sum),
      degrees: count - 1,
    };
  }
}

/**
 * A ratio of two sums: all that there is, over all weights (W. Cochran, "Sampling Techniques",
 * chapter 6).
 */
export interface Estimate {
  readonly mean: number;
  readonly errorSquared: number;
  readonly degrees: number;
}
