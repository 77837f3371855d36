/** On real processes of this machine; no tracking is needed for it. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cgroupMount } from "../../lib/kernel/cgroup_fs.ts";
import { Freezer } from "../../lib/kernel/freezer.ts";
import { ProcFs } from "../../lib/kernel/proc_fs.ts";
import { denoProgram } from "../helpers/deno_program.ts";

const proc = new ProcFs();
const stateOf = (pid: number) => proc.stat(pid).state;

async function until(isDone: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !isDone(); i++) await sleep(10);
  expect(isDone()).toBe(true);
}

let target: ChildProcess;
let pid: number;
let freezer: Freezer;
beforeEach(async () => {
  target = spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" });
  pid = target.pid!;
  freezer = new Freezer(proc, () => performance.now() * 1e6);
  await until(() => proc.stat(pid).command === "sh");
});
afterEach(async () => {
  freezer.release();
  await end();
});

async function end(): Promise<void> {
  if (target.exitCode !== null || target.signalCode !== null) return;
  const exited = once(target, "exit");
  target.kill("SIGKILL");
  await exited;
}

/** Runs a program that stops the target, and is killed while it does. */
async function stopAndDie(): Promise<void> {
  const main = fileURLToPath(new URL("./stop_and_die.ts", import.meta.url));
  const tool = spawn(denoProgram(), ["run", "-A", main, String(pid)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  expect(String((await once(tool.stdout!, "data"))[0])).toBe("still\n");
}

describe("Freezer", () => {
  test("lets a process stand still for an action, and go on after it", () => {
    const { result, isHeld, stoppedNs } = freezer.during(pid, () => stateOf(pid));
    expect([result, isHeld]).toEqual(["T", true]);
    expect(stoppedNs).toBeGreaterThan(0);
    expect(stateOf(pid)).not.toBe("T");
  });

  test("lets it go on if the action fails", () => {
    expect(() =>
      freezer.during(pid, () => {
        throw new Error("failed");
      })
    ).toThrow("failed");
    expect(stateOf(pid)).not.toBe("T");
  });

  test("leaves a process stopped that was stopped before, and took no time of it", async () => {
    process.kill(pid, "SIGSTOP");
    await until(() => stateOf(pid) === "T");
    const { isHeld, stoppedNs } = freezer.during(pid, () => {});
    expect([isHeld, stoppedNs]).toEqual([true, 0]);
    expect(stateOf(pid)).toBe("T");
  });

  test("notices that another program let it go on", () => {
    const { isHeld } = freezer.during(pid, () => process.kill(pid, "SIGCONT"));
    expect(isHeld).toBe(false);
  });

  test("a process that ends meanwhile is told as ended", async () => {
    const exited = once(target, "exit");
    freezer.during(pid, () => process.kill(pid, "SIGKILL"));
    await exited;
    expect(() => freezer.during(pid, () => {})).toThrow(
      expect.objectContaining({ code: "no-such-process" }),
    );
  });

  test("refuses to stop this very process", () => {
    expect(() => freezer.during(process.pid, () => {})).toThrow(
      expect.objectContaining({ code: "cannot-freeze" }),
    );
  });

  test("the target goes on if the program that stopped it is killed", async () => {
    await stopAndDie();
    await until(() => stateOf(pid) !== "T");
  });
});

const mount = cgroupMount(proc.mountinfo());
const canMakeGroups = mount !== undefined && process.getuid?.() === 0;
if (!canMakeGroups) console.log("LEFT OUT: freezing with a control group, which needs root");

describe.skipIf(!canMakeGroups)("Freezer, of a process with a control group of its own", () => {
  let group: string;
  const isFrozen = () => readFileSync(`${group}/cgroup.events`, "utf8").includes("frozen 1");
  beforeEach(() => {
    group = `${mount}/softdirty-test-${pid}`;
    mkdirSync(group);
    writeFileSync(`${group}/cgroup.procs`, String(pid));
  });
  afterEach(async () => {
    await end(); // a group can be removed only when it is empty
    rmdirSync(group);
  });

  test("uses the group's freezer, of which the process sees nothing", () => {
    const { result, isHeld } = freezer.during(pid, () => [isFrozen(), stateOf(pid)]);
    expect(isHeld).toBe(true);
    expect(result[0]).toBe(true);
    expect(result[1]).not.toBe("T");
    expect(isFrozen()).toBe(false);
  });

  test("leaves a group frozen that was frozen before", async () => {
    writeFileSync(`${group}/cgroup.freeze`, "1");
    await until(isFrozen);
    expect(freezer.during(pid, () => {})).toMatchObject({ isHeld: true, stoppedNs: 0 });
    expect(isFrozen()).toBe(true);
    writeFileSync(`${group}/cgroup.freeze`, "0");
  });

  test("the group is thawed if the program that froze it is killed", async () => {
    await stopAndDie();
    await until(() => !isFrozen());
  });
});
