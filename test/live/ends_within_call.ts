/**
 * Targets that are killed, or execute another program, at a known moment within a call of a tracker.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import type { Snapshot } from "../../lib/core/snapshot.ts";
import { waitUntilSync } from "../../lib/kernel/system/sleep_sync.ts";
import { ProcFs } from "../../lib/kernel/proc/proc_fs.ts";
import { thisKernel } from "../../lib/session/kernel_access.ts";
import type { LiveOptions } from "../../lib/session/live_source.ts";
import { openTrace, type Sd } from "../../lib/session/sd.ts";
import { openLive } from "../helpers/open_live.ts";

/** What a tracker has done within a call, one after the other. */
type Moment = "identified it" | "read its mappings" | "read some of its pages";

/** How a target is tracked, and which moments each call then has. */
export interface Interrupted {
  readonly options: Pick<LiveOptions, "tracker" | "readBy">;
  readonly moments: Readonly<Record<"clear" | "read" | "take", readonly Moment[]>>;
}

/** Does something to a process as soon as a moment of a call has come. */
class InterruptingProcFs extends ProcFs {
  #armed: { readonly moment: Moment; readonly act: () => void } | undefined;

  arm(moment: Moment, act: () => void): void {
    this.#armed = { moment, act };
  }

  get hasActed(): boolean {
    return this.#armed === undefined;
  }

  override stat(pid: number) {
    return this.#after("identified it", super.stat(pid));
  }

  override openPagemap(pid: number) {
    const pagemap = super.openPagemap(pid);
    const read = (bytes: Uint8Array, position: number) => {
      const lengthBytes = pagemap.read(bytes, position);
      // At 0 it is only looked whether the address space is still there.
      return position === 0 ? lengthBytes : this.#after("read some of its pages", lengthBytes);
    };
    return { ...pagemap, read };
  }

  override mapsText(pid: number) {
    return this.#after("read its mappings", super.mapsText(pid));
  }

  override *mapsPieces(pid: number) {
    yield* super.mapsPieces(pid);
    this.#after("read its mappings", undefined);
  }

  #after<T>(moment: Moment, result: T): T {
    if (this.#armed?.moment === moment) {
      const { act } = this.#armed;
      this.#armed = undefined;
      act();
    }
    return result;
  }
}

/**
 * A shell that waits, and becomes `sleep` on SIGUSR1. It waits for jobs, which it forks: with
 * vfork(2), its memory would for a moment be its child's as well, and outlive it.
 */
async function startShell() {
  const script = "trap 'exec sleep 100' USR1; echo ready; while :; do sleep 0.02 & wait $!; done";
  const child = spawn("/bin/sh", ["-c", script], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  await once(child.stdout, "data");
  return { pid: child.pid!, exited };
}

function signalUntil(pid: number, name: NodeJS.Signals, isDone: () => boolean): void {
  process.kill(pid, name);
  if (!waitUntilSync(isDone, 10_000)) throw new Error(`Process ${pid} did not do as ${name} says`);
}

/** Acts on a process that was cleared and read once. */
async function withShell(
  options: Interrupted["options"],
  action: (sd: Sd, proc: InterruptingProcFs, pid: number) => void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "softdirty-ends-"));
  const proc = new InterruptingProcFs();
  const { pid, exited } = await startShell();
  const output = join(folder, "trace.sdtrace");
  const sd = openLive({ pid, output, kernel: thisKernel(proc), ...options });
  try {
    sd.clear();
    sd.read();
    action(sd, proc, pid);
  } finally {
    sd.close();
    process.kill(pid, "SIGKILL");
    await exited;
    rmSync(folder, { recursive: true });
  }
}

/** Where the stack ends. */
function stackOf({ vmas }: Snapshot): number | undefined {
  return vmas.find(({ name }) => name === "[stack]")?.end;
}

/** Tests that no such moment loses what was recorded, or shows what is not so. */
export function testEndsWithinCalls({ options, moments }: Interrupted): void {
  const cases = (["clear", "read", "take"] as const).flatMap((call) =>
    moments[call].map((moment) => [call, moment] as const)
  );

  test.each(cases)("%s reports that the target was killed when it had %s; the trace keeps all", (
    call,
    moment,
  ) =>
    withShell(options, (sd, proc, pid) => {
      const isDead = () => "ZX".includes(proc.rawStat(pid).state);
      proc.arm(moment, () => signalUntil(pid, "SIGKILL", isDead));
      expect(() => sd[call]()).toThrow(expect.objectContaining({ code: "process-exited" }));
      expect(proc.hasActed).toBe(true);
      sd.close();
      const trace = openTrace(sd.tracePath!);
      expect([trace.snapshotCount, trace.problems]).toEqual([1, []]);
      expect(trace.event(trace.eventCount - 1)).toMatchObject({ reason: "process-exited", pid });
    }));

  test.each(cases)("%s shows no mix of programs when the target executed one and it had %s", (
    call,
    moment,
  ) =>
    withShell(options, (sd, proc, pid) => {
      const isReplaced = () => proc.rawStat(pid).command === "sleep";
      proc.arm(moment, () => signalUntil(pid, "SIGUSR1", isReplaced));
      try {
        sd[call]();
      } catch (error) {
        expect(error).toMatchObject({ code: "address-space-replaced" });
      }
      expect(proc.hasActed).toBe(true);
      sd.read();
      sd.close();
      const trace = openTrace(sd.tracePath!);
      const oldStack = stackOf(trace.at(0));
      for (const one of trace.snapshots) {
        // Each program has a stack of its own, elsewhere.
        const isOld = stackOf(one) === oldStack;
        expect(one.process.command).toBe(isOld ? "sh" : "sleep");
        expect(one.dirty.subtract(one.mapped).isEmpty).toBe(true);
        // A program that has just begun has written to its stack at least.
        if (!isOld && one.sinceClear === null) expect(one.dirtyPopulated.isEmpty).toBe(false);
      }
      expect([...trace.snapshots].at(-1)?.process.command).toBe("sleep");
      expect(Array.from(trace.events(), (event) => "type" in event && event.type)).toContain(
        "exec",
      );
    }));
}
