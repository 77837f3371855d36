/** The examples of help that need a live process. */

import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import process from "node:process";
import { expect, test } from "vitest";
import { exampleEnvironment, exampleFolder, examplesThat } from "../helpers/help_examples.ts";
import { TestTerminal } from "../helpers/terminal.ts";
import { describeLive } from "./proven.ts";
import { startBlocked } from "./targets.ts";
import { withTarget } from "./with_target.ts";

/** How it ended, and what it printed. */
async function ended(child: ChildProcess): Promise<[number | null, string]> {
  let stderr = "";
  child.stderr!.setEncoding("utf8").on("data", (text) => stderr += text);
  child.stdout!.resume();
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return [code, stderr];
}

describeLive("a live example of help works", () => {
  const live = examplesThat(({ isLive }) => isLive === true);
  for (const [, { line, isEndless, isOnTerminal }] of live) {
    test(line, async () => {
      const folder = exampleFolder();
      const env = exampleEnvironment(folder);
      await withTarget(() => startBlocked(), async (target) => {
        const meant = line.replace("1234", String(target.pid)).replaceAll("9187", "0")
          // The folder of examples has one already.
          .replaceAll("a.sdtrace", "new.sdtrace");
        if (isOnTerminal) {
          const { PATH = "" } = env;
          const shown = { PATH, XDG_STATE_HOME: folder };
          const terminal = new TestTerminal(`cd '${folder}'; ${meant}`, 120, 24, shown);
          await terminal.sees(/python3|^> *$/m);
          terminal.type(isEndless ? "q" : "\x04");
          expect(await terminal.ended()).toBe(0);
        } else {
          const child = spawn("bash", ["-c", isEndless ? `exec ${meant}` : meant], {
            ...{ cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] },
          });
          if (isEndless) {
            await new Promise((resolve) => child.stderr!.once("data", resolve));
            await sleep(100);
            process.kill(child.pid!, "SIGINT");
          }
          const [code, stderr] = await ended(child);
          expect([code, stderr]).toEqual([0, expect.not.stringMatching(/error|Cannot/)]);
        }
        await target.check();
      });
    });
  }
});
