/**
 * Stops a process with SIGSTOP, and resumes it with SIGCONT.
 *
 * A SIGCONT also discards the stop signals that other programs sent meanwhile. Ours goes to one thread,
 * and theirs to the process, so that the kernel keeps them apart: if one of theirs is pending, or ours
 * is pending in a process that has stopped, another program has stopped it, and it stays so.
 *
 * @module
 */

import { constants } from "node:os";
import process from "node:process";
import { ProcessError } from "../../core/errors.ts";
import type { Brake } from "./brake.ts";
import { HoldGuard } from "./hold_guard.ts";
import { failedWith, systemCall } from "../system/libc.ts";
import { exited } from "../proc/process_identities.ts";
import type { ProcFs } from "../proc/proc_fs.ts";

/** Stop signals that a process can catch or ignore. */
const TERMINAL_STOPS = ["SIGTSTP", "SIGTTIN", "SIGTTOU"] as const;
/** Stopped, traced and stopped, or ended. */
const STILL: ReadonlySet<string> = new Set(["T", "t", "Z", "X"]);
const ENDED_STATES: ReadonlySet<string> = new Set(["Z", "X"]);
const ENDED: ReadonlySet<string> = new Set(["process-exited", "no-such-process"]);
/** tgkill(2). On other architectures the stop goes to the process, as those of other programs do. */
const TGKILL: Readonly<Record<string, number>> = {
  x64: 234,
  arm64: 131,
  riscv64: 131,
  s390x: 241,
  ppc64: 250,
};

/** A brake for any process that this user can signal. */
export function signalBrake(proc: ProcFs, pid: number): Brake {
  const tgkill = TGKILL[process.arch];
  let tid = pid;
  return {
    guard: new HoldGuard("release the target", continueUnlessStopped(pid)),
    isStopRequested: () => proc.threadStates(pid).includes("T"),
    isStopped: () => proc.threadStates(pid).every((state) => STILL.has(state)),
    stop() {
      tid = livingThread(proc, pid);
      signalled(pid, () => {
        if (tgkill === undefined) process.kill(pid, "SIGSTOP");
        else systemCall("tgkill", tgkill, pid, tid, constants.signals.SIGSTOP);
      });
    },
    resume() {
      try {
        const [state, ours, all] = proc.statusFields(tid, "State", "SigPnd", "ShdPnd");
        const has = (set: string, signal: NodeJS.Signals) =>
          (BigInt(`0x${set || 0}`) & bitOf(signal)) > 0n;
        const isStopped = state.startsWith("T");
        if (isStopped && has(ours, "SIGSTOP")) return;
        if ((isStopped || tgkill !== undefined) && has(all, "SIGSTOP")) return;
        signalled(pid, () => process.kill(pid, "SIGCONT"));
        // Only the process itself and the kernel know what these do.
        for (const signal of TERMINAL_STOPS) {
          if (has(all, signal)) signalled(pid, () => process.kill(pid, signal));
        }
      } catch (error) {
        if (!(error instanceof ProcessError && ENDED.has(error.code))) throw error;
      }
    },
  };
}

/** The first thread, or another one if that has ended: only one that lives takes a signal. */
function livingThread(proc: ProcFs, pid: number): number {
  const lives = (tid: number) => !ENDED_STATES.has(proc.rawStat(tid).state);
  return lives(pid) ? pid : proc.threadIds(pid).find(lives) ?? pid;
}

/** Its bit in a set of signals of `/proc/PID/status`. */
function bitOf(signal: NodeJS.Signals): bigint {
  return 1n << BigInt(constants.signals[signal] - 1);
}

function signalled(pid: number, send: () => void): void {
  try {
    send();
  } catch (cause) {
    if (failedWith(cause, "ESRCH") || (cause as NodeJS.ErrnoException).code === "ESRCH") {
      throw exited(pid, cause);
    }
    throw new ProcessError(
      "permission-denied",
      pid,
      `No permission to stop process ${pid}`,
      "Run as the user of that process, or as root",
      { cause },
    );
  }
}

/** The command that resumes it without this program. */
function continueUnlessStopped(pid: number): string[] {
  const bit = constants.signals.SIGSTOP - 1;
  const script = `is_pending() { [ $((0x$1 >> ${bit} & 1)) = 1 ]; }
for status in /proc/"$0"/status /proc/"$0"/task/*/status; do
  while read -r field value rest; do
    case $field in State:) state=$value ;; SigPnd:) ours=$value ;; ShdPnd:) all=$value; break ;; esac
  done <"$status"
  case $state in Z | X) continue ;; esac
  if [ "$state" = T ] && { is_pending "$all" || is_pending "$ours"; }; then exit; fi
  break
done
kill -CONT "$0"`;
  return ["/bin/sh", "-c", script, String(pid)];
}
