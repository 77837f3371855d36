/**
 * The points at which migrations can stop, over links of all speeds and from several moments. They show,
 * for any allowed downtime, whether and when QEMU's rule stops.
 *
 * @module
 */

import type { ProcessIdentity } from "../../core/process.ts";
import { PreCopy, type PreCopyRound } from "./pre_copy.ts";
import { MigrationStart, type WindowReplay } from "./replay.ts";
import { QEMU, transferNs } from "./stop_rules.ts";
import type { Timeline } from "./timeline.ts";
import { power } from "../exact_math.ts";

/** The end of a round that leaves less to send than each round before. */
export interface StoppingPoint {
  readonly roundCount: number;
  readonly leftBytes: number;
  /** What was sent until then, while the process ran. */
  readonly sentBytes: number;
}

/** Migrations that begin at one moment. */
export interface MomentLinks {
  /** Number of windows before that moment. */
  readonly firstWindow: number;
  /** For each speed, in the order of rounds; there is one at least. */
  readonly stops: readonly (readonly StoppingPoint[])[];
}

/** Migrations of one process. */
export interface ProcessLinks {
  readonly process: ProcessIdentity;
  /** The slowest first; those on which the first round takes twice as long as the trace are left out. */
  readonly bytesPerSecond: readonly number[];
  readonly moments: readonly MomentLinks[];
}

const STEPS_PER_DECADE = 10;
/** From 1 Mbit/s, over six decades, to 1 Tbit/s. */
const SPEEDS = Array.from(
  { length: 6 * STEPS_PER_DECADE + 1 },
  (_, i) => 125_000 * power(10, i / STEPS_PER_DECADE),
);

/**
 * Plays them for all processes of what is replayed.
 *
 * @param firstWindows of each process, with which windows they begin
 */
export function migrationsOverLinks(
  replay: WindowReplay,
  firstWindows: readonly (readonly number[])[],
): ProcessLinks[] {
  const all = replay.timelines.map((timeline, i) => {
    const speeds = speedsFor(timeline);
    const moments = firstWindows[i].map((firstWindow) => ({
      firstWindow,
      starts: speeds.map((bytesPerSecond) => startOver(timeline, firstWindow, bytesPerSecond)),
    }));
    return { timeline, speeds, moments };
  });
  replay.play(
    new Map(all.map(({ timeline, moments }) => [timeline, moments.flatMap((one) => one.starts)])),
  );
  return all.map(({ timeline: { process }, speeds, moments }) => ({
    process,
    bytesPerSecond: speeds,
    moments: moments.map(({ firstWindow, starts }) => ({
      firstWindow,
      stops: starts.map(({ outcome }) => stoppingPoints(outcome!.rounds)),
    })),
  }));
}

function speedsFor({ memoryPages, pageSizeBytes, durationNs }: Timeline): number[] {
  return SPEEDS.filter((speed) => transferNs(memoryPages * pageSizeBytes, speed) <= 2 * durationNs);
}

/** With an allowed downtime of 0, the migration continues as long as there is anything to send. */
function startOver(
  timeline: Timeline,
  firstWindow: number,
  bytesPerSecond: number,
): MigrationStart {
  const link = { bytesPerSecond, maxDowntimeNs: 0 };
  return new MigrationStart(firstWindow, (memory) => new PreCopy(QEMU, timeline, link, memory));
}

function stoppingPoints(rounds: readonly PreCopyRound[]): StoppingPoint[] {
  const stops: StoppingPoint[] = [];
  let sum = 0;
  for (const round of rounds) {
    sum += round.sentBytes;
    const leftBytes = Math.round(round.leftBytes);
    if (leftBytes >= (stops.at(-1)?.leftBytes ?? Infinity)) continue;
    stops.push({ roundCount: round.number + 1, leftBytes, sentBytes: Math.round(sum) });
  }
  return stops;
}
