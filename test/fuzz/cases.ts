/**
 * Numbered cases: the same seed and number give the same bytes.
 *
 * @module
 */

import { type Mutant, mutate } from "./mutations.ts";
import { Random } from "./random.ts";
import { seeds } from "./seeds.ts";

/** All cases of one seed. */
export class Cases {
  readonly #seed: number;
  readonly #originals = seeds();

  constructor(seed: number) {
    this.#seed = seed;
  }

  at(number: number): Mutant {
    const random = new Random(this.#seed, number);
    return mutate(random.of(this.#originals), random.of(this.#originals), random);
  }
}
