/**
 * Where what `top` shows comes from.
 *
 * @module
 */

import type { RecentTable } from "../analysis/recent_table.ts";
import { untrackedText } from "../report/event_text.ts";
import { formatCount } from "../report/units.ts";
import type { UntrackedStretch } from "../trace/untracked_stretches.ts";

/** A process that is not tracked, and why. */
export type UntrackedNow = Pick<UntrackedStretch, "process" | "reason" | "message">;

/** Live processes, or a trace. */
export interface TopFeed {
  readonly table: RecentTable;
  /** The processes that live and are not tracked. */
  readonly untracked: readonly UntrackedNow[];
  /** What is tracked, and how it is going; the first line is a title. */
  status(): string[];
  /** What stands in place of processes while there are none. */
  readonly empty: string;
  /** What its own keys do. */
  readonly help: readonly string[];
  /** Does what a key stands for. */
  key(name: string): void;
  /**
   * Fills the table until it ends or is aborted.
   *
   * @param onChange is called when there is something new to show
   */
  run(onChange: () => void, signal: AbortSignal): Promise<void>;
}

/** One line for all processes that are not tracked: the last of them stands for the others. */
export function untrackedStatus({ untracked, table }: TopFeed): string[] {
  const last = untracked.at(-1);
  if (last === undefined) return [];
  const [count, ofCount] = [untracked.length, table.states.length + untracked.length];
  return [`${formatCount(count)} of ${formatCount(ofCount)} not tracked: ${untrackedText(last)}`];
}
