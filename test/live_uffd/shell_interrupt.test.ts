/** Ctrl-C at the prompt while a process is tracked that knows nothing of it. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { openTrace } from "../../lib/files/open_trace.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";
import { TestTerminal } from "../helpers/terminal.ts";
import { describeLive } from "./proven.ts";
import { startBlocked } from "./targets.ts";
import { withTarget } from "./with_target.ts";

const CTRL_C = "\x03";
const isDeno = "deno" in process.versions;

describeLive("the shell", () => {
  test("ends what it watches with Ctrl-C, and leaves the process as it was", async () => {
    const folder = temporaryFolder();
    await withTarget(() => startBlocked(), async (target) => {
      await target.check();
      const file = join(folder, "a.sdtrace");
      const terminal = new TestTerminal(
        `trap : INT; $SOFTDIRTY repl -p ${target.pid} --tracker uffd-wp -o ${file}`,
        160,
        40,
        { XDG_STATE_HOME: folder, NO_COLOR: "1" },
      );
      onTestFinished(() => terminal.kill());
      await terminal.sees(/lists the calls\.\n>/);
      const interrupted = async (code: string, round: number) => {
        terminal.type(`console.log("begin".length * ${1000 + round}); ${code}\r`);
        await terminal.sees(new RegExp(`^${5 * (1000 + round)}$`, "m"));
        await target.check();
        terminal.type(CTRL_C);
        terminal.type(`"still ".length * ${7000 + round}\r`);
        await terminal.sees(new RegExp(`^${6 * (7000 + round)}$`, "m"));
        await target.check();
        const status = readFileSync(`/proc/${target.pid}/status`, "utf8");
        expect(status).not.toMatch(/^State:\s+[Tt]/m);
      };
      await interrupted("for await (const s of sd.watch(sd.pid, { intervalMs: 50 })) s", 0);
      await interrupted("await sd.wait(1e8)", 1);
      await interrupted("await sd.act(() => new Promise(() => {}))", 2);
      // Deno cannot interrupt what does not wait.
      for (let i = 3; i < 13 && !isDeno; i++) await interrupted("while (true) sd.take()", i);
      const count = openTrace(file).eventCount;
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(openTrace(file).eventCount).toBe(count);
      terminal.type("\x04");
      expect(await terminal.ended()).toBe(0);
      expect(openTrace(file).problems).toEqual([]);
    });
  });
});
