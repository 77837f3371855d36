import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { denoProgram } from "../../helpers/deno_program.ts";
import { until } from "../../helpers/until.ts";

const MAIN = fileURLToPath(new URL("./hold_and_stop.ts", import.meta.url));
const isStopped = (pid: number) => / T /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));

/** The shells that watch over a program. */
const guardsOf = (pid: number) =>
  readdirSync("/proc").filter((name) => {
    try {
      return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(`softdirty-guard\0${pid}\0`);
    } catch {
      return false; // no process, or it has ended
    }
  });

let target: ChildProcess;
beforeEach(() => {
  target = spawn("sleep", ["60"], { stdio: "ignore" });
});
afterEach(() => {
  target.kill("SIGKILL");
});

function start(shell: string, whenSuspended: string) {
  const words = ["run", "-A", MAIN, shell, whenSuspended, String(target.pid)];
  const tool = spawn(denoProgram(), words, { stdio: ["ignore", "pipe", "inherit"] });
  return { tool, reported: once(tool.stdout!, "data").then(String) };
}

const SHELLS = ["/bin/bash", "/bin/sh"].filter((shell) => existsSync(shell));

describe.runIf(process.platform === "linux").each(SHELLS)("HoldGuard, with %s", (shell) => {
  test("resumes a suspended program, once it holds something", async () => {
    const { tool, reported } = start(shell, "continue this program");
    expect(await reported).toBe("true false\n");
    await until(() => !isStopped(target.pid!) && guardsOf(tool.pid!).length === 0);
  });

  test("resumes the target while the program stays suspended", async () => {
    const { tool, reported } = start(shell, "release the target");
    await until(() => isStopped(tool.pid!) && !isStopped(target.pid!));
    expect(guardsOf(tool.pid!)).not.toEqual([]);
    tool.kill("SIGCONT");
    expect(await reported).toBe("true false\n");
    await until(() => guardsOf(tool.pid!).length === 0);
  });

  test("resumes the target when the program is killed", async () => {
    const { tool } = start(shell, "release the target");
    await until(() => isStopped(tool.pid!));
    tool.kill("SIGKILL");
    await until(() => !isStopped(target.pid!) && guardsOf(tool.pid!).length === 0);
  });
});
