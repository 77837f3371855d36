import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ProcFs } from "../../../lib/kernel/proc/proc_fs.ts";
import { denoProgram } from "../../helpers/deno_program.ts";
import { until } from "../../helpers/until.ts";

test("a stop of the terminal waits for the end of a call, and for all that must come before it", async () => {
  const main = fileURLToPath(new URL("./stop_between_calls.ts", import.meta.url));
  const child = spawn(denoProgram(), ["run", "-A", main], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => said += text);
  try {
    const proc = new ProcFs();
    await until(() => proc.stat(child.pid!).state === "T");
    await until(() => said.includes("second"));
    expect(said).toBe("call ended\nfirst\nsecond\n");
    child.kill("SIGCONT");
    await ended;
    expect(said).toBe("call ended\nfirst\nsecond\n0 left\n");
  } finally {
    child.kill("SIGKILL");
  }
});
