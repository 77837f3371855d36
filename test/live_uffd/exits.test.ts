/** Targets that end while they are attached to. */

import process from "node:process";
import { expect, test } from "vitest";
import { attach } from "../../lib/kernel/inject/attach.ts";
import { ATTACH_STEPS } from "../../lib/kernel/inject/attach_sequence.ts";
import { currentArch } from "../../lib/kernel/inject/current_arch.ts";
import { ProcFs } from "../../lib/kernel/proc/proc_fs.ts";
import { describeLive, describeUnless } from "./proven.ts";
import { lackOf, PYTHON, startPython, TARGET_KINDS } from "./targets.ts";
import { Tool } from "./tool.ts";
import { withTarget } from "./with_target.ts";

/** At the last step nothing is left to fail. */
const STEPS = ATTACH_STEPS.slice(0, -1);
const ENDED = /^(process-exited|no-such-process|zombie)$/;

describeLive("a target that is killed while it is attached to", () => {
  describeUnless(lackOf(PYTHON))("in python3", () => {
    test.each(STEPS)(
      "is reported as exited, and its parent is notified at once: %s",
      (pauseAt) =>
        withTarget(startPython, async (target) => {
          const tool = new Tool(target.pid, { pauseAt, stays: true });
          await tool.untilTold("paused");
          process.kill(target.pid, "SIGKILL");
          tool.goOn();
          await tool.untilTold("error");
          // The tool lives on, and must not keep what is left of the target.
          expect(await target.exit).toEqual({ exitCode: null, signal: "SIGKILL" });
          expect((await tool.kill()).error?.code).toMatch(ENDED);
        }),
    );

    test.each(STEPS)(
      "as our own child is left for the runtime to reap: %s",
      (killAt) =>
        withTarget(startPython, async (target) => {
          const onStep = (step: string) => {
            if (step === killAt) process.kill(target.pid, "SIGKILL");
          };
          expect(() => attach(new ProcFs(), target.pid, currentArch()!, { onStep })).toThrow(
            expect.objectContaining({ code: expect.stringMatching(ENDED) }),
          );
          expect(await target.exit).toEqual({ exitCode: null, signal: "SIGKILL" });
        }),
    );
  });

  test("with all of its threads", () =>
    withTarget(TARGET_KINDS[0].start, async (target) => {
      const tool = new Tool(target.pid, { pauseAt: "helper has userfaultfd", stays: true });
      await tool.untilTold("paused");
      process.kill(target.pid, "SIGKILL");
      tool.goOn();
      await tool.untilTold("error");
      await target.end();
      expect((await tool.kill()).error?.code).toMatch(ENDED);
    }));
});
