/** On real processes of this machine; no tracking is needed for it. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { AddressSpaces } from "../../../lib/kernel/proc/address_spaces.ts";
import { ProcFs } from "../../../lib/kernel/proc/proc_fs.ts";
import { shareMemory } from "../../../lib/kernel/shared_memory.ts";

const proc = new ProcFs();

test("an exec is noticed until that is accepted, although pid and start time stay", async () => {
  const child = spawn("sh", ["-c", "echo ready; read -r line; exec sleep 60"]);
  await once(child.stdout, "data");
  const spaces = new AddressSpaces(proc);
  const pid = child.pid!;
  expect(spaces.isAlive(pid)).toBe(false);
  expect([spaces.hasExeced(pid), spaces.hasExeced(pid)]).toEqual([false, false]);
  expect(spaces.isAlive(pid)).toBe(true);
  child.stdin.write("\n");
  for (let i = 0; i < 200 && proc.stat(pid).command !== "sleep"; i++) await sleep(10);
  expect(spaces.isAlive(pid)).toBe(false);
  expect([spaces.hasExeced(pid), spaces.hasExeced(pid)]).toEqual([true, true]);
  spaces.acknowledge(pid);
  expect(spaces.hasExeced(pid)).toBe(false);
  spaces.release(pid);
  expect(spaces.hasExeced(pid)).toBe(false);
  spaces.release();
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
});

test("shareMemory() is true only for processes that share an address space", () => {
  expect(shareMemory(process.pid, process.pid)).toBe(true);
  expect(shareMemory(process.pid, process.ppid)).toBe(false);
});
