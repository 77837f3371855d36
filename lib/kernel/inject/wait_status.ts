/**
 * How a traced thread stands, as waitid(2) reports it.
 *
 * @module
 */

import { waitid } from "../system/libc.ts";
import { scratch, STRUCT_AT } from "./ptrace_memory.ts";

const WNOHANG = 1;
const WSTOPPED = 2;
const WEXITED = 4;
/** Leaves what was found to be found again. */
const WNOWAIT = 0x0100_0000;
const WALL = 0x4000_0000;

/** Kinds of news. */
export const WAIT_STATUS = {
  /** A stop or an end, which is then still there for the next call. */
  any: WSTOPPED | WEXITED | WNOWAIT,
  stop: WSTOPPED,
  end: WEXITED,
} as const;

/** SIGTRAP, marked by PTRACE_O_TRACESYSGOOD. */
const CALL_STOP = 5 | 0x80;
const EVENT_VFORK = 2;
const EVENT_STOP = 128;

/** `si_code`s of ends, in a `siginfo_t`. */
const ENDINGS = [1, 2, 3];
const SI_CODE_AT = 8;
const SI_PID_AT = 16;
const SI_STATUS_AT = 24;

/** Why a tracee is stopped, or no longer is one. */
export type Stop =
  | { readonly why: "call" | "clone" }
  /** PTRACE_INTERRUPT, a group-stop, or the start of a new thread. */
  | { readonly why: "stop" }
  | { readonly why: "signal"; readonly signal: number }
  | { readonly why: "ended" };

/** What is new of a thread; undefined if nothing is. */
export function pollStatus(
  tid: number,
  kinds: typeof WAIT_STATUS[keyof typeof WAIT_STATUS],
): Stop | undefined {
  const { memory, view } = scratch();
  waitid(tid, memory.address + STRUCT_AT, WNOHANG | WALL | kinds);
  if (view.getInt32(STRUCT_AT + SI_PID_AT, true) === 0) return undefined;
  const hasEnded = ENDINGS.includes(view.getInt32(STRUCT_AT + SI_CODE_AT, true));
  return hasEnded ? { why: "ended" } : stopOf(view.getInt32(STRUCT_AT + SI_STATUS_AT, true));
}

function stopOf(status: number): Stop {
  const event = status >> 8;
  if (event === EVENT_VFORK) return { why: "clone" };
  if (event === EVENT_STOP) return { why: "stop" };
  return status === CALL_STOP ? { why: "call" } : { why: "signal", signal: status & 0xff };
}
