/**
 * A kernel with several processes, and a script of who is there at each look.
 *
 * @module
 */

import { ProcessError, type ProcessErrorCode } from "../../lib/core/errors.ts";
import type { ReadResult } from "../../lib/core/tracker.ts";
import type { KernelAccess } from "../../lib/session/kernel_access.ts";
import { drawnKernel } from "./drawn_kernel.ts";
import { snapshot } from "./drawn_snapshot.ts";

/** What stands behind a pid, and what becomes of it. */
export interface ScriptedProcess {
  readonly parentPid?: number;
  /** Calls on it fail with this, so many times (always, if not said). */
  readonly fails?: ProcessErrorCode;
  readonly times?: number;
  /** It executes another program before its call of this number, counted from 0. */
  readonly execBefore?: number;
  /** It has the memory of this process. */
  readonly sharesWith?: number;
}

/**
 * @param looks the pids that each look at the group finds; the last one is found for ever
 * @param scripted what is special about some of them
 */
export function groupKernel(
  looks: readonly (readonly number[])[],
  scripted: Readonly<Record<number, ScriptedProcess>> = {},
): KernelAccess & { readonly released: number[] } {
  const drawn = drawnKernel([]);
  const calls = new Map<number, number>();
  const released: number[] = [];
  let look = 0;
  /** Counts a call on a process, and returns what the call reports of the process. */
  const called = (pid: number) => {
    const { fails, times = Infinity, execBefore } = scripted[pid] ?? {};
    const call = calls.get(pid) ?? 0;
    calls.set(pid, call + 1);
    if (fails !== undefined && call < times) throw new ProcessError(fails, pid, `${fails} ${pid}`);
    return { process: identity(pid), isReplaced: call === execBefore };
  };
  return {
    ...drawn,
    released,
    members: () =>
      looks[Math.min(look++, looks.length - 1)].map((pid) => ({
        ...identity(pid),
        parentPid: scripted[pid]?.parentPid ?? 1,
      })),
    shareMemory: (a, b) => scripted[a]?.sharesWith === b,
    identify: identity,
    createTracker(kind, nowNs, options) {
      const times = () => ({ atNs: nowNs(), durationNs: 1, stoppedNs: 0 });
      const observe = (reported: ReturnType<typeof called>): ReadResult => {
        const { vmas, pages, readBy, known, conditions } = snapshot("0 rw-p [heap] Dp");
        return { ...reported, vmas, pages, readBy, known, conditions, ...times() };
      };
      return {
        ...drawn.createTracker(kind, nowNs, options),
        clear: (pid) => ({ ...called(pid), ...times(), vmas: null }),
        read: (pid) => observe(called(pid)),
        take(pid) {
          const reported = called(pid);
          const observation = observe(reported);
          return { observation, clearing: { ...reported, ...times(), vmas: null }, unseenNs: 0 };
        },
        release: (pid) => void released.push(pid),
      };
    },
  };
}

function identity(pid: number) {
  return { pid, startTimeTicks: pid * 10, command: `p${pid}` };
}
