/**
 * Which process an observation is about.
 *
 * @module
 */

/** A process. The time it started distinguishes it from a later one with the same pid. */
export interface ProcessIdentity {
  /** Process id in the pid namespace of the recorder. */
  readonly pid: number;
  /** Start time in clock ticks since boot: field 22 of proc_pid_stat(5). */
  readonly startTimeTicks: number;
  /** The command name (`comm`), at most 15 bytes. Chosen by the process, so hostile. */
  readonly command: string;
  /**
   * What it runs, where that says more: the whole name of its program, and of an interpreter the name of
   * its script; at most 128 characters, and nothing else of its command line. As hostile as the name.
   */
  readonly program?: string | undefined;
}

/** True if both are the same process; the command name may change over its life. */
export function isSameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startTimeTicks === b.startTimeTicks;
}
