/**
 * The bootstrap of both shells: puts `sd` in place and says what it is over.
 *
 * @module
 */

import { setErrorStacks } from "../core/errors.ts";
import { plainText } from "../core/plain_text.ts";
import type { Interruption } from "./interruptible_source.ts";
import { openSession, type SessionOptions } from "./session.ts";

/** Puts `sd` onto `target`, which is the global object of a shell. */
export function install(
  target: Record<string, unknown>,
  options: SessionOptions,
  interruption: Interruption,
): void {
  setErrorStacks(false);
  const sd = openSession(options, interruption);
  target.sd = sd;
  const about = options.replay === undefined
    ? `recording to ${sd.tracePath} from the first clear or read on`
    : `replaying ${sd.tracePath}`;
  const pid = sd.pid === undefined ? "" : `, pid ${sd.pid}`;
  console.log(plainText(`softdirty${pid}: ${about}. sd.help() lists the calls.`));
  const { works, reason } = sd.probe();
  if (!works) console.log(plainText(`${reason}. So sd.clear and sd.read will refuse.`));
}
