/** On real processes of this machine; no tracking is needed for it. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { waitUntilSync } from "../../../lib/kernel/system/sleep_sync.ts";
import { ProcessIdentities } from "../../../lib/kernel/proc/process_identities.ts";
import { ProcFs } from "../../../lib/kernel/proc/proc_fs.ts";

const proc = new ProcFs();

/** Starts a shell that becomes `sleep` on SIGUSR1. */
async function startShell() {
  const script = "trap 'exec sleep 60' USR1; echo ready; while :; do sleep 0.02 & wait $!; done";
  const child = spawn("/bin/sh", ["-c", script], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return { pid: child.pid!, exited: once(child, "exit") };
}

function signalUntil(pid: number, name: NodeJS.Signals, isDone: () => boolean): void {
  process.kill(pid, name);
  if (!waitUntilSync(isDone, 10_000)) throw new Error(`Process ${pid} did not do as ${name} says`);
}

test("an action that did not notice an exec fails, and the exec is reported to the next one", async () => {
  const { pid, exited } = await startShell();
  const identities = new ProcessIdentities(proc);
  expect(identities.withProcess(pid, ({ isReplaced }) => isReplaced)).toBe(false);
  const isSleep = () => proc.rawStat(pid).command === "sleep";
  expect(() => identities.withProcess(pid, () => signalUntil(pid, "SIGUSR1", isSleep))).toThrow(
    expect.objectContaining({ code: "address-space-replaced", pid }),
  );
  // It is reported until an action that got it did not fail.
  expect(() =>
    identities.withProcess(pid, () => {
      throw new RangeError("for another reason");
    })
  ).toThrow(RangeError);
  expect(identities.withProcess(pid, (held) => [held.isReplaced, held.process.command])).toEqual([
    true,
    "sleep",
  ]);
  expect(identities.withProcess(pid, ({ isReplaced }) => isReplaced)).toBe(false);
  const isDead = () => "ZX".includes(proc.rawStat(pid).state);
  expect(() => identities.withProcess(pid, () => signalUntil(pid, "SIGKILL", isDead))).toThrow(
    expect.objectContaining({ code: "process-exited", pid }),
  );
  identities.release();
  await exited;
});
