/**
 * Summarizes values.
 *
 * @module
 */

/** A summary of many values. */
export interface Distribution {
  /** Number of values. */
  readonly count: number;
  /** The smallest value. */
  readonly min: number;
  /** 25th percentile by nearest rank, as are those below: always one of the values. */
  readonly p25: number;
  /** Median. */
  readonly p50: number;
  /** 75th percentile. */
  readonly p75: number;
  /** 90th percentile. */
  readonly p90: number;
  /** 99th percentile. */
  readonly p99: number;
  /** The largest value. */
  readonly max: number;
}

/**
 * Summarizes values by nearest rank: percentile p is the smallest value that at least p % of the
 * values do not exceed, so it is always one of them.
 *
 * @param zeroCount number of zeros to count in addition to `values`, which has no value below 0
 * @throws RangeError if there is no value at all.
 */
export function distribution(values: Iterable<number>, zeroCount = 0): Distribution {
  const sorted = Float64Array.from(values).sort();
  const count = sorted.length + zeroCount;
  if (count === 0) throw new RangeError("Nothing cannot be summed up");
  const at = (percent: number) => {
    const rank = Math.max(1, Math.ceil(count * percent / 100));
    return rank <= zeroCount ? 0 : sorted[rank - zeroCount - 1];
  };
  return {
    count,
    min: at(0),
    p25: at(25),
    p50: at(50),
    p75: at(75),
    p90: at(90),
    p99: at(99),
    max: at(100),
  };
}
