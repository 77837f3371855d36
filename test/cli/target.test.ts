import { readFileSync } from "node:fs";
import process from "node:process";
import { expect, test } from "vitest";
import { startTarget } from "../../lib/cli/target.ts";
import { until } from "../helpers/until.ts";

test("startTarget() leaves a process alone that ran before", async () => {
  const target = await startTarget(process.pid, []);
  expect(target.pid).toBe(process.pid);
  expect(await target.end()).toBeUndefined();
});

test("startTarget() reports how a command ended", async () => {
  const target = await startTarget(undefined, ["sh", "-c", "exit 3"]);
  expect(await target.ended).toBe(3);
  expect(await target.end()).toBe(3);
});

const SIGTERM = 15;

/** True if a process ignores a signal, by its `/proc/PID/status`. */
function ignores(status: string, signal: number): boolean {
  const mask = BigInt(`0x${/^SigIgn:\s*([0-9a-f]+)/m.exec(status)![1]}`);
  return (mask >> BigInt(signal - 1) & 1n) === 1n;
}

const untilStatus = (pid: number, isSo: (status: string) => boolean) =>
  until(() => isSo(readFileSync(`/proc/${pid}/status`, "utf8")));

test("startTarget() ends a command that ignores the signal to end", async () => {
  const target = await startTarget(undefined, [
    "sh",
    "-c",
    "trap '' TERM; while :; do sleep 1; done",
  ]);
  await untilStatus(target.pid!, (status) => ignores(status, SIGTERM));
  expect(await target.end()).toBe("SIGKILL");
});

test("startTarget() ends a command that is stopped", async () => {
  const target = await startTarget(undefined, ["sleep", "60"]);
  process.kill(target.pid!, "SIGSTOP");
  await untilStatus(target.pid!, (status) => /^State:\s*T/m.test(status));
  expect(await target.end()).toBe("SIGTERM");
});

test("startTarget() says when there is no such command", async () => {
  await expect(startTarget(undefined, ["/nowhere/x"])).rejects.toThrow(/Cannot start \/nowhere\/x/);
});
