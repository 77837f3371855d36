/**
 * What the rounds of a migration leave to send, over links of all speeds: from it one can tell, for any
 * downtime that is allowed, whether and when QEMU's rule stops.
 *
 * @module
 */

import type { ProcessIdentity } from "../../core/process.ts";
import { PreCopy } from "./pre_copy.ts";
import { type Replay, Start } from "./replay.ts";
import { QEMU, transferNs } from "./stop_rules.ts";
import type { Timeline } from "./timeline.ts";

/** The rounds over one link. The first sends all memory, each other one what the one before left. */
export interface LinkRounds {
  readonly bytesPerSecond: number;
  readonly memoryBytes: number;
  /** Bytes that each round leaves; those of the rounds after the last are like it, or 0. */
  readonly leftBytes: readonly number[];
}

/** The rounds of one process. */
export interface ProcessLinks {
  readonly process: ProcessIdentity;
  /** By speed, the slowest first; those on which the first round takes twice as long as the trace are left out. */
  readonly links: readonly LinkRounds[];
}

const STEPS_PER_DECADE = 10;
/** From 1 Mbit/s, over six decades, to 1 Tbit/s. */
const SPEEDS = Array.from(
  { length: 6 * STEPS_PER_DECADE + 1 },
  (_, i) => 125_000 * 10 ** (i / STEPS_PER_DECADE),
);

/** The rounds of all processes of what is replayed. */
export function roundsOverLinks(replay: Replay): ProcessLinks[] {
  const starts = new Map(replay.timelines.map((timeline) => [timeline, startsOf(timeline)]));
  replay.play(
    new Map(Array.from(starts, ([timeline, all]) => [timeline, all.map((one) => one.start)])),
  );
  return Array.from(starts, ([{ process, memoryPages, pageSizeBytes }, all]) => ({
    process,
    links: all.map(({ bytesPerSecond, start }) => ({
      bytesPerSecond,
      memoryBytes: memoryPages * pageSizeBytes,
      leftBytes: start.outcome!.rounds.map(({ leftBytes }) => Math.round(leftBytes)),
    })),
  }));
}

function startsOf(timeline: Timeline) {
  const { memoryPages, pageSizeBytes, durationNs } = timeline;
  return SPEEDS
    .filter((speed) => transferNs(memoryPages * pageSizeBytes, speed) <= 2 * durationNs)
    .map((bytesPerSecond) => ({
      bytesPerSecond,
      // No downtime at all is allowed, so that it goes on as long as there is anything to send.
      start: new Start(
        0,
        (memory) => new PreCopy(QEMU, timeline, { bytesPerSecond, maxDowntimeNs: 0 }, memory),
      ),
    }));
}
