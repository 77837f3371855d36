/**
 * The session that a shell or a script works with.
 *
 * @module
 */

import type { LiveOptions } from "../session/live_source.ts";
import { openLive, openReplay, type Sd } from "../session/sd.ts";
import { helpText } from "./commands.ts";
import { inspectable, installInspection } from "./printing.ts";

/** What the person asked for on the command line. */
export interface SessionOptions extends LiveOptions {
  /** A trace to replay. */
  readonly replay?: string | undefined;
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
  const { replay, ...live } = options;
  const sd = replay === undefined ? openLive(live) : openReplay(replay, live);
  return Object.freeze({ ...inspectable(sd), help: () => console.log(helpText()) });
}
