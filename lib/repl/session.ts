/**
 * The session that a shell or a script works with.
 *
 * @module
 */

import { warningLine } from "../report/event_text.ts";
import { type LiveOptions, LiveSource } from "../session/live_source.ts";
import { ReplaySource } from "../session/replay_source.ts";
import { createSd, openTrace, type Sd } from "../session/sd.ts";
import type { TraceReader } from "../trace/reader.ts";
import type { WarningEvent } from "../trace/schema.ts";
import { helpText } from "./commands.ts";
import { interruptible, type Interruption } from "./interruptible_source.ts";
import { inspectable, installInspection } from "./printing.ts";

/** What the person asked for on the command line. */
export interface SessionOptions extends LiveOptions {
  /** A trace to replay, by its file or opened already; the session closes it. */
  readonly replay?: string | TraceReader | undefined;
}

/** `sd` with help, whose results print themselves. */
export type InteractiveSd = Sd & {
  /** Lists the calls. */
  help(): void;
};

/**
 * Opens the session.
 *
 * @param shell how what it does is interrupted, if it is a shell that does
 * @throws TraceError if there is no such trace.
 */
export function openSession(options: SessionOptions, shell?: Interruption): InteractiveSd {
  installInspection();
  const { replay, ...live } = options;
  const onWarning = (event: WarningEvent) => console.error(`softdirty: ${warningLine(event)}`);
  const source = replay === undefined
    ? new LiveSource({ onWarning, ...live })
    : new ReplaySource(typeof replay === "string" ? openTrace(replay) : replay, live.pid);
  const sd = createSd(shell === undefined ? source : interruptible(source, shell));
  return Object.freeze({ ...inspectable(sd), help: () => console.log(helpText()) });
}
