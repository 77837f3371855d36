import { expect, test } from "vitest";
import { ProcessError, type ProcessErrorCode } from "../../lib/core/errors.ts";
import type { ProbeReport } from "../../lib/core/probe_report.ts";
import type { TrackerKind } from "../../lib/core/snapshot.ts";
import type { PreflightOptions } from "../../lib/kernel/preflight.ts";
import { chooseTracker } from "../../lib/session/choose_tracker.ts";
import { HEADER } from "../helpers/memory_trace.ts";

const MIB = 1 << 20;

/** A kernel with these trackers, and processes with so much shared and writable memory. */
function kernel(
  proven: readonly TrackerKind[],
  processes: Readonly<Record<number, readonly [shared: number, writable: number]>> = {},
  mayAttach = true,
  refusal?: ProcessErrorCode,
) {
  return {
    probe: (tracker: TrackerKind): ProbeReport => {
      return proven.includes(tracker)
        ? { ...HEADER.probe, tracker }
        : { ...HEADER.probe, tracker, works: false, steps: [], reason: `no ${tracker}`, hint: "" };
    },
    writableMemory: (pid: number) => {
      if (processes[pid] === undefined) throw new ProcessError("no-such-process", pid, "gone");
      const [sharedBytes, writableBytes] = processes[pid];
      return { sharedBytes, writableBytes };
    },
    mayAttach: () => mayAttach,
    preflight: (_: TrackerKind, { pid }: { pid: number }, { force }: PreflightOptions = {}) => {
      if (refusal !== undefined && !force) throw new ProcessError(refusal, pid, "refused");
      return [];
    },
  };
}
const BOTH = ["soft-dirty", "uffd-wp"] as const;

test.each(
  [
    [[0, 0], "soft-dirty", "least-intrusive"],
    [[16 * MIB - 1, 1024 * MIB], "soft-dirty", "least-intrusive"],
    [[16 * MIB, 1024 * MIB], "uffd-wp", "shared-memory"],
    [[MIB, 4 * MIB], "uffd-wp", "shared-memory"],
    [[MIB, 4 * MIB + 4], "soft-dirty", "least-intrusive"],
    [[MIB - 1, MIB], "soft-dirty", "least-intrusive"],
  ] as const,
)("with %j bytes of shared and writable memory auto takes %s: %s", (memory, tracker, reason) => {
  const report = chooseTracker(kernel(BOTH, { 42: memory }), "auto", [42]);
  expect([report.tracker, report.choice?.reason]).toEqual([tracker, reason]);
});

test("of several processes the one with the most shared memory decides; one that is gone does not", () => {
  const report = chooseTracker(kernel(BOTH, { 42: [0, MIB], 43: [20 * MIB, 30 * MIB] }), "auto", [
    41,
    42,
    43,
  ]);
  expect(report.choice).toEqual({
    reason: "shared-memory",
    pid: 43,
    sharedBytes: 20 * MIB,
    writableBytes: 30 * MIB,
  });
});

test("where a process cannot be attached to, or the kernel cannot, soft-dirty is taken all the same", () => {
  const processes = { 42: [20 * MIB, 30 * MIB] } as const;
  expect(chooseTracker(kernel(BOTH, processes, false), "auto", [42])).toMatchObject({
    tracker: "soft-dirty",
    choice: { reason: "cannot-attach", pid: 42 },
  });
  expect(chooseTracker(kernel(["soft-dirty"], processes), "auto", [42])).toMatchObject({
    tracker: "soft-dirty",
    choice: { reason: "only-proven", pid: 42 },
  });
  expect(chooseTracker(kernel(["uffd-wp"], processes), "auto", [42])).toMatchObject({
    tracker: "uffd-wp",
    choice: { reason: "only-proven", pid: null },
  });
});

test.each(
  [
    ["reads-own-pages", {}, "soft-dirty"],
    ["reads-own-pages", { force: true }, "uffd-wp"],
    ["process-exited", {}, "uffd-wp"],
  ] as const,
)(
  "a process that uffd-wp would be refused for (%s, %j) is tracked with %s",
  (code, options, tracker) => {
    const shared = kernel(BOTH, { 42: [20 * MIB, 30 * MIB] }, true, code);
    expect(chooseTracker(shared, "auto", [42], options).tracker).toBe(tracker);
  },
);

test("who names a tracker gets it, and no process is looked at", () => {
  expect(chooseTracker(kernel(BOTH), "soft-dirty", [42])).toMatchObject({
    tracker: "soft-dirty",
    choice: { reason: "named", pid: null },
  });
});

test("where neither was proven, the report says why for each", () => {
  expect(chooseTracker(kernel([]), "auto", [42])).toMatchObject({
    works: false,
    reason: "no soft-dirty; no uffd-wp",
  });
});
