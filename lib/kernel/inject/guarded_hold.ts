/**
 * Holds of ptrace(2) that end soon whatever happens to this program. Its death ends them in the kernel;
 * if it is suspended, a shell resumes it until they have ended, and then it suspends itself.
 *
 * @module
 */

import process from "node:process";
import { HoldGuard } from "../freeze/hold_guard.ts";
import { TerminalStop } from "../freeze/terminal_stop.ts";

/** A shell that is not needed ends. */
const IDLE_MS = 1000;

interface Watch {
  readonly guard: HoldGuard;
  readonly terminalStop: TerminalStop;
}

let watch: Watch | undefined;
let holdCount = 0;
let idleTimer: ReturnType<typeof setTimeout> | undefined;

/**
 * To be called before a thread is held.
 *
 * @returns to be called once it was let go
 */
export function beginHold(): () => void {
  clearTimeout(idleTimer);
  const guard = watchful();
  holdCount++;
  return () => {
    if (--holdCount > 0) return;
    // In this order: what suspends us after the first of them leaves the target alone.
    guard?.goesOn();
    if (guard?.hasActed()) {
      guard.settle();
      process.kill(process.pid, "SIGSTOP");
    }
    idleTimer = setTimeout(end, IDLE_MS);
    idleTimer.unref();
  };
}

/** Undefined where there is no shell; then a target can be held for as long as we are suspended. */
function watchful(): HoldGuard | undefined {
  for (let i = 0; i < 2; i++) {
    watch ??= newWatch();
    try {
      watch.guard.holding();
      return watch.guard;
    } catch {
      end(); // somebody may have killed the shell: one more
    }
  }
}

function newWatch(): Watch {
  const guard = new HoldGuard("continue this program", []);
  // A shell that does not know yet that nothing is held would continue us.
  return { guard, terminalStop: new TerminalStop(() => guard.settle()) };
}

function end(): void {
  watch?.guard.close();
  watch?.terminalStop.close();
  watch = undefined;
}
