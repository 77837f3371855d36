import { setTimeout as sleep } from "node:timers/promises";
import process from "node:process";
import { expect, test } from "vitest";
import { startTarget } from "../../lib/cli/target.ts";

test("startTarget() leaves a process alone that ran before", async () => {
  const target = await startTarget(process.pid, []);
  expect(target.pid).toBe(process.pid);
  expect(await target.end()).toBeUndefined();
});

test("startTarget() tells how a command ended", async () => {
  const target = await startTarget(undefined, ["sh", "-c", "exit 3"]);
  expect(await target.ended).toBe(3);
  expect(await target.end()).toBe(3);
});

test("startTarget() ends a command that ignores the signal to end", async () => {
  const target = await startTarget(undefined, [
    "sh",
    "-c",
    "trap '' TERM; while :; do sleep 1; done",
  ]);
  await sleep(300);
  expect(await target.end()).toBe("SIGKILL");
});

test("startTarget() ends a command that is stopped", async () => {
  const target = await startTarget(undefined, ["sleep", "60"]);
  process.kill(target.pid!, "SIGSTOP");
  await sleep(100);
  expect(await target.end()).toBe("SIGTERM");
});

test("startTarget() says when there is no such command", async () => {
  await expect(startTarget(undefined, ["/nowhere/x"])).rejects.toThrow(/Cannot start \/nowhere\/x/);
});
