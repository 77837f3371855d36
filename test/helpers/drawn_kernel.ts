/**
 * A kernel whose process has the memory that a test drew.
 *
 * @module
 */

import { ProcessError } from "../../lib/core/errors.ts";
import type { Tracker } from "../../lib/core/tracker.ts";
import type { KernelAccess } from "../../lib/session/kernel_access.ts";
import { PROCESS, snapshot } from "./drawn_snapshot.ts";
import { HEADER } from "./memory_trace.ts";

const SAME = { process: PROCESS, isReplaced: false };

/** Each read gives the next drawing; after the last, the process has exited. */
export function drawnKernel(drawings: readonly string[], isProven = true): KernelAccess {
  let next = 0;
  const exited = () => {
    if (next < drawings.length) return;
    throw new ProcessError("process-exited", PROCESS.pid, `Process ${PROCESS.pid} has exited`);
  };
  return {
    release: "6.1.0-drawn",
    probe: () =>
      isProven ? HEADER.probe : {
        tracker: "soft-dirty",
        works: false,
        readBy: "pagemap",
        steps: [],
        reason: "It does not track",
        hint: "Use another kernel",
      },
    members: () => [{ ...PROCESS, parentPid: 1 }],
    running: () => [],
    pageSizeBytes: () => 4096,
    folioPages: () => [],
    writableMemory: () => ({ writableBytes: 0, sharedBytes: 0 }),
    mayAttach: () => true,
    shareMemory: () => false,
    preflight: () => [],
    watchForks: () => undefined,
    opened: () => ({ pagemap: false, clearRefs: false, userfaultfd: false }),
    identify: (pid) => ({ ...PROCESS, pid }),
    createTracker: (_kind, nowNs): Tracker => ({
      kind: "soft-dirty",
      pageSizeBytes: 4096,
      prepare: () => 0,
      clear() {
        exited();
        return { ...SAME, atNs: nowNs(), durationNs: 10, stoppedNs: 0, vmas: null };
      },
      read() {
        exited();
        const { vmas, pages, readBy, known, conditions } = snapshot(drawings[next++]);
        const [atNs, durationNs, stoppedNs] = [nowNs(), 20, 0];
        return { ...SAME, vmas, pages, readBy, known, conditions, atNs, durationNs, stoppedNs };
      },
      take(pid) {
        const observation = this.read(pid);
        const times = { atNs: nowNs(), durationNs: 10, stoppedNs: 0 };
        const clearing = { ...SAME, ...times, vmas: null };
        return { observation, clearing, unseenNs: 30 };
      },
      release() {},
      close() {},
    }),
  };
}
