/**
 * When dumps were made, as far as their images show it.
 *
 * @module
 */

import type { CriuDump } from "./criu_dump.ts";
import { assertTellable, unknownOrder } from "./import_errors.ts";

/** The time in which the processes of a dump were stopped. */
export interface DumpTime {
  /** Since the first dump began. */
  readonly atNs: number;
  readonly durationNs: number;
}

/** The times of all dumps. */
export interface DumpTimes {
  /** Unix time in milliseconds of the first dump. */
  readonly originUnixMs: number;
  readonly times: readonly DumpTime[];
  /** A sentence on what was the clock. */
  readonly clock: string;
}

/**
 * Takes the first of these clocks that all dumps have: the interval that is given, `dump_uptime` of
 * their inventories (steps of 10 ms), the times of the files.
 *
 * @throws ImportError if there is none by which the dumps follow each other.
 */
export function dumpTimes(dumps: readonly CriuDump[], intervalMs?: number): DumpTimes {
  const wall = "the date is that of the first dump's files";
  const clocks: Array<readonly [endsUs: readonly number[], clock: string]> = [];
  const uptimes = dumps.flatMap(({ inventory }) => inventory.uptimeUs ?? []);
  const modified = dumps.map(({ modifiedUnixMs }) => Math.round(modifiedUnixMs * 1e3));
  if (intervalMs !== undefined) {
    const ends = dumps.map((_, i) => Math.round(i * intervalMs * 1e3));
    clocks.push([ends, `times: every ${intervalMs} ms, as was said; ${wall}`]);
  } else {
    if (uptimes.length === dumps.length) {
      clocks.push([uptimes, `times: CRIU's dump_uptime, in steps of 10 ms; ${wall}`]);
    }
    clocks.push([modified, "times: when the files of each dump were written last"]);
  }
  for (const [endsUs, clock] of clocks) {
    if (!isAscending(endsUs)) continue;
    const times = toTimes(endsUs, dumps.map(({ frozenUs }) => frozenUs));
    assertTellable(times.map(({ atNs, durationNs }) => atNs + durationNs), dumps[0].folder);
    return { originUnixMs: Math.max(0, dumps[0].modifiedUnixMs), times, clock };
  }
  return unknownOrder(
    dumps[0].folder,
    "It is unknown when the dumps were made: they have no uptime in common, and the times of " +
      "their files do not ascend",
  );
}

/** From the ends of dumps, and for how long they held their processes, in microseconds. */
function toTimes(endsUs: readonly number[], frozenUs: readonly number[]): DumpTime[] {
  const first = endsUs[0] - frozenUs[0];
  let [start, lastEnd] = [-Infinity, -Infinity];
  return endsUs.map((end, i) => {
    // The clock has steps of 10 ms: a dump may seem to begin before the one before it had ended.
    start = Math.max(end - frozenUs[i], lastEnd, start + 1);
    lastEnd = end;
    return { atNs: (start - first) * 1e3, durationNs: (end - start) * 1e3 };
  });
}

function isAscending(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value > values[i - 1]);
}
