/**
 * What a trace can ask for: a short file could ask for much memory and work otherwise.
 *
 * @module
 */

/**
 * Runs of all page sets of one read together: 48 MiB of edges. A recorder holds a snapshot and what is
 * derived from it at the same time, as a reader does.
 */
const MAX_RUNS_OF_READ = 3 << 20;

/** Mappings of one process; Linux allows 65,530 unless it is set otherwise. */
export const MAX_MAPPINGS = 1 << 18;

/** Characters of a name of a mapping; Linux prints 4,096 of them, each of which may take four. */
const MAX_NAME_LENGTH = 1 << 16;

/** Processes of one file. */
export const MAX_PROCESSES = 1 << 18;

/** Lists of mappings of one file. */
export const MAX_LISTS = 1 << 20;

/** A record is whole, but asks for more than is given to any. */
export class LimitError extends RangeError {}

/** Passes if a read has no more runs than any may have. */
export function assertRuns(runCount: number): void {
  if (runCount <= MAX_RUNS_OF_READ) return;
  throw new LimitError(`its page sets have more than ${MAX_RUNS_OF_READ} runs`);
}

/** Passes if the name of a mapping is no longer than any may be. */
export function assertName(name: string): void {
  if (name.length <= MAX_NAME_LENGTH) return;
  throw new LimitError(`a mapping has a name of more than ${MAX_NAME_LENGTH} characters`);
}

/** Passes if a list has no more mappings than any may have. */
export function assertMappings(count: number): void {
  if (count <= MAX_MAPPINGS) return;
  throw new LimitError(`it has more than ${MAX_MAPPINGS} mappings`);
}
