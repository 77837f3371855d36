/**
 * The session that a shell or a script works with.
 *
 * @module
 */

import { openLive, openReplay, type Sd } from "../session/sd.ts";
import { helpText } from "./commands.ts";
import { inspectable, installInspection } from "./printing.ts";

/** What the person asked for on the command line. */
export interface SessionOptions {
  /** The process that is meant when no pid is given. */
  readonly pid?: number | undefined;
  /** A trace to replay. */
  readonly replay?: string | undefined;
  /** The trace to write. */
  readonly output?: string | undefined;
}

/** `sd` with help, whose results print themselves. */
export type InteractiveSd = Sd & {
  /** Lists the calls. */
  help(): void;
};

/**
 * Opens the session.
 *
 * @throws TraceError if there is no such trace.
 */
export function openSession(options: SessionOptions): InteractiveSd {
  installInspection();
  const { replay, pid, output } = options;
  const sd = replay === undefined ? openLive({ pid, output }) : openReplay(replay, { pid });
  return Object.freeze({ ...inspectable(sd), help: () => console.log(helpText()) });
}
