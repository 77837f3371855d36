/**
 * How much work a trace may ask for.
 *
 * @module
 */

import { TraceError } from "../core/errors.ts";

/**
 * Units: mappings, and four runs of page sets each, that are decoded, put together or looked at. Some 20 s of a
 * processor. A file of more than 32 MiB may ask for more in proportion, since it took more to write.
 */
const MOST_UNITS = 1 << 28;
const BOUNDED_BYTES = 1 << 25;

/** What a walk over a trace may take, or all walks of one command together. */
export class WorkBudget {
  readonly #name: string;
  readonly #units: number;
  readonly #onSpend: ((units: number) => void) | undefined;
  #left: number;

  /**
   * @param name of the trace
   * @param sizeBytes of the trace
   * @param onSpend is called with what is spent each time; it may throw to end the walk
   */
  constructor(
    name: string,
    sizeBytes: number,
    onSpend?: (units: number) => void,
    units: number = MOST_UNITS * Math.max(1, sizeBytes / BOUNDED_BYTES),
  ) {
    this.#name = name;
    this.#onSpend = onSpend;
    this.#units = Math.floor(units);
    this.#left = units;
  }

  /** @throws TraceError if it is used up. */
  spend(units: number): void {
    this.#left -= units;
    this.#onSpend?.(units);
    if (this.#left < 0) this.#refuse();
  }

  /**
   * To be called before what was done is done once more.
   *
   * @throws TraceError if less than half is left.
   */
  assertAsMuchLeft(): void {
    if (this.#left < this.#units / 2) this.#refuse();
  }

  #refuse(): never {
    throw new TraceError(
      "too-large",
      this.#name,
      `${this.#name} asks for too much work: more than ${this.#units} units, of which a mapping is ` +
        "one and four runs of pages are one",
      "Look at single snapshots with softdirty filter -s N; longer intervals make smaller traces",
    );
  }
}

/** Takes units of work off a budget; throws a TraceError once it is used up. */
export type Spending = (units: number) => void;

/**
 * A new budget to spend, for one walk over a trace or for all of one command.
 *
 * @param onSpend as of {@linkcode WorkBudget}
 */
export function spendingOf(
  { name, sizeBytes }: { readonly name: string; readonly sizeBytes: number },
  onSpend?: Spending,
): Spending {
  const budget = new WorkBudget(name, sizeBytes, onSpend);
  return (units) => budget.spend(units);
}
