/**
 * Where what `top` shows comes from.
 *
 * @module
 */

import type { RecentTable } from "../analysis/recent_table.ts";

/** Live processes, or a trace. */
export interface TopFeed {
  readonly table: RecentTable;
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
