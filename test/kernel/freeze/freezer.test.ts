/** On real processes of this machine; no tracking is needed for it. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cgroupMount } from "../../../lib/kernel/proc/cgroup_fs.ts";
import { Freezer } from "../../../lib/kernel/freeze/freezer.ts";
import { ProcFs } from "../../../lib/kernel/proc/proc_fs.ts";
import { denoProgram } from "../../helpers/deno_program.ts";
import { until } from "../../helpers/until.ts";

const proc = new ProcFs();
const stateOf = (pid: number) => proc.stat(pid).state;

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

/** Runs a program that stops the target, and is sent a signal while it does. */
async function stopAnd(
  signal: "SIGKILL" | "SIGSTOP",
  alsoToTarget?: "SIGSTOP",
): Promise<ChildProcess> {
  const main = fileURLToPath(new URL("./stop_and_die.ts", import.meta.url));
  const words = [String(pid), signal, ...alsoToTarget ? [alsoToTarget] : []];
  const tool = spawn(denoProgram(), ["run", "-A", main, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  expect(String((await once(tool.stdout!, "data"))[0])).toBe("still\n");
  return tool;
}

describe("Freezer", () => {
  test("stops a process for an action, and resumes it afterwards", () => {
    const { result, isHeld, stoppedNs } = freezer.during(pid, () => stateOf(pid));
    expect([result, isHeld]).toEqual(["T", true]);
    expect(stoppedNs).toBeGreaterThan(0);
    expect(stateOf(pid)).not.toBe("T");
  });

  test("resumes it if the action fails", () => {
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

  test("notices that another program resumed it", () => {
    const { isHeld } = freezer.during(pid, () => process.kill(pid, "SIGCONT"));
    expect(isHeld).toBe(false);
  });

  test("leaves a process stopped that another program stops meanwhile", () => {
    freezer.during(pid, () => process.kill(pid, "SIGSTOP"));
    expect(stateOf(pid)).toBe("T");
    expect(freezer.during(pid, () => {})).toMatchObject({ isHeld: true, stoppedNs: 0 });
    expect(stateOf(pid)).toBe("T");
  });

  test("hands on a stop from the terminal that comes meanwhile", async () => {
    // A job of a shell: in an orphaned process group the kernel ignores this signal.
    const script = "set -m; sh -c 'while :; do :; done' & echo $!; read -r _";
    const shell = spawn("bash", ["-c", script], { stdio: ["pipe", "pipe", "ignore"] });
    const [line] = await once(shell.stdout!, "data");
    const job = Number(line);
    try {
      freezer.during(job, () => process.kill(job, "SIGTSTP"));
      await until(() => stateOf(job) === "T");
    } finally {
      process.kill(job, "SIGKILL");
      shell.kill("SIGKILL");
    }
  });

  test("a process that ends meanwhile is reported as ended", async () => {
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

  test("the target resumes if the program that stopped it is killed", async () => {
    await stopAnd("SIGKILL");
    await until(() => stateOf(pid) !== "T");
  });

  test("the target stays stopped if another program stopped it before that one was killed", async () => {
    const tool = await stopAnd("SIGKILL", "SIGSTOP");
    if (tool.signalCode === null) await once(tool, "exit");
    await sleep(300); // for the guard to act
    expect(stateOf(pid)).toBe("T");
  });

  test("the target resumes while the program that stopped it is suspended, which notices it", async () => {
    const tool = await stopAnd("SIGSTOP");
    await until(() => stateOf(pid) !== "T");
    expect(stateOf(tool.pid!)).toBe("T");
    process.kill(pid, "SIGSTOP"); // not to be undone by that program
    await until(() => stateOf(pid) === "T");
    const shown = once(tool.stdout!, "data");
    tool.kill("SIGCONT");
    expect(String((await shown)[0])).toBe("isHeld false\n");
    await sleep(100);
    expect(stateOf(pid)).toBe("T");
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
    await stopAnd("SIGKILL");
    await until(() => !isFrozen());
  });

  test("the group is thawed while the program that froze it is suspended", async () => {
    const tool = await stopAnd("SIGSTOP");
    await until(() => !isFrozen());
    tool.kill("SIGKILL");
  });
});
