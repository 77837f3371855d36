/**
 * Which process an observation is about.
 *
 * @module
 */

/** A process, told from a later one that was given the same pid by the time it started. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot: field 22 of proc_pid_stat(5). */
  readonly startTimeTicks: number;
  /** The command name (`comm`), at most 15 bytes. Chosen by the process, so hostile. */
  readonly command: string;
}

/** True if both are the same process; the command name may change over its life. */
export function isSameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startTimeTicks === b.startTimeTicks;
}
