/**
 * Migrations over links as a report holds them.
 *
 * @module
 */

import type { ProcessLinks } from "../../analysis/planners/links.ts";
import { packNumbers } from "./packed_numbers.ts";

/** The same, with the stopping points packed. */
export interface PackedLinks extends Omit<ProcessLinks, "moments"> {
  /** Of each moment. */
  readonly firstWindows: readonly number[];
  /** For each moment and each speed how many there are, and of each its numbers. */
  readonly stops: string;
}

/** Packs them; see `packed_numbers.ts`. */
export function packLinks({ process, bytesPerSecond, moments }: ProcessLinks): PackedLinks {
  const stops = moments.flatMap((moment) =>
    moment.stops.flatMap((points) => [
      points.length,
      ...points.flatMap(({ roundCount, leftBytes, sentBytes }) => [
        ...[roundCount, leftBytes, sentBytes],
      ]),
    ])
  );
  return {
    process,
    bytesPerSecond,
    firstWindows: moments.map(({ firstWindow }) => firstWindow),
    stops: packNumbers(stops),
  };
}
