/**
 * The clock of a live session.
 *
 * @module
 */

/** Time since a session began, and when that was. */
export interface SessionClock {
  /** Unix time in milliseconds at which `nowNs` was 0. */
  readonly originUnixMs: number;
  /** Whole nanoseconds since then; never descends, whatever becomes of the wall clock. */
  nowNs(): number;
}

/** Starts a clock. */
export function startClock(): SessionClock {
  const originUnixMs = Date.now();
  const origin = performance.now();
  return { originUnixMs, nowNs: () => Math.round((performance.now() - origin) * 1e6) };
}
