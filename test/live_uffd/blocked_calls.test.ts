/** Calls in which a target waits while it is attached to. */

import process from "node:process";
import { describe, expect, test } from "vitest";
import { LineProgram } from "./lines.ts";
import { describeLive, describeUnless } from "./proven.ts";
import { lackOf, PYTHON, startPython } from "./targets.ts";
import { Tool, type ToolOptions } from "./tool.ts";
import { withTarget } from "./with_target.ts";

/** Longer than a tool takes to start. */
const SECONDS = 3;
const SLACK_SECONDS = 1;
/** Each ends by its timeout alone, and returns 0 then. */
const CALLS = ["nanosleep", "poll", "select", "ppoll", "sleep of Python", "epoll of Python"];
const EINTR = 4;

/** Attaches while the target is in a call, and returns how that ended. */
async function during(
  target: LineProgram,
  wait: string,
  options: ToolOptions,
  isInterruptedBefore = false,
) {
  let isOver = false;
  const answer = target.ask({ wait, seconds: SECONDS }).finally(() => isOver = true);
  if (isInterruptedBefore) await new Tool(target.pid, { rounds: 1 }).end;
  const { stopsNs, signal, error } = await new Tool(target.pid, options).end;
  expect(isOver).toBe(wait === "epoll");
  expect(error).toBeUndefined();
  if (options.dieAt === undefined) expect(stopsNs).toHaveLength(options.rounds!);
  else expect(signal).toBe("SIGKILL");
  return answer;
}

describeLive("a call in which a target waits", () => {
  describeUnless(lackOf(PYTHON))("in python3", () => {
    test.concurrent.each(CALLS)(
      "continues after an attach, and ends in time: %s",
      (wait) =>
        withTarget(startPython, async (target) => {
          const { returned, errno, seconds, isRight } = await during(target, wait, { rounds: 20 });
          expect({ returned, errno, isRight }).toEqual({ returned: 0, errno: 0, isRight: true });
          expect(seconds).toBeGreaterThan(SECONDS - 0.01);
          expect(seconds).toBeLessThan(SECONDS + SLACK_SECONDS);
        }),
    );

    test.concurrent.each(CALLS)(
      "continues after the tool has died, at most with all of its time: %s",
      (wait) =>
        withTarget(startPython, async (target) => {
          for (const dieAt of ["leader sent", "leader in clone", "helper gone"] as const) {
            const { returned, errno, seconds, isRight } = await during(target, wait, { dieAt });
            expect({ returned, errno, isRight }).toEqual({ returned: 0, errno: 0, isRight: true });
            expect(seconds).toBeGreaterThan(SECONDS - 0.01);
            expect(seconds).toBeLessThan(2 * SECONDS + SLACK_SECONDS);
          }
        }),
    );

    test.concurrent.each(["nanosleep", "poll", "sleep of Python"])(
      "continues after the tool has died in a second attach: %s",
      (wait) =>
        withTarget(startPython, async (target) => {
          for (const dieAt of ["leader sent", "helper gone"] as const) {
            const { returned, errno, seconds } = await during(target, wait, { dieAt }, true);
            expect({ returned, errno }).toEqual({ returned: 0, errno: 0 });
            expect(seconds).toBeGreaterThan(SECONDS - 0.01);
          }
        }),
    );

    describe.runIf(process.getuid?.() === 0)("with a seccomp filter", () => {
      const NO_RESTART = "dies for restart_syscall";
      const LONGEST_SECONDS = 2 * SECONDS + SLACK_SECONDS;

      test.concurrent.each(["nanosleep", "poll"])(
        "that kills for restart_syscall(2), is begun again with all of its time: %s",
        (wait) =>
          withTarget(() => startPython(NO_RESTART), async (target) => {
            const options = [{ rounds: 1 }, { dieAt: "leader sent" }, { dieAt: "helper gone" }];
            for (const each of options as ToolOptions[]) {
              const { returned, seconds } = await during(target, wait, each);
              expect(returned).toBe(0);
              expect(seconds).toBeLessThan(LONGEST_SECONDS);
            }
          }),
      );

      // On arm64 nothing shows whether the kernel is about to make that call.
      test.runIf(process.arch === "x64").concurrent.each(["nanosleep", "poll"])(
        "that kills for it and for userfaultfd(2) is begun again after the refusal: %s",
        (wait) =>
          withTarget(() => startPython(NO_RESTART, "dies for userfaultfd"), async (target) => {
            const answer = target.ask({ wait, seconds: SECONDS });
            const { error } = await new Tool(target.pid, {}).end;
            expect(error?.message).toContain("kills it for userfaultfd(2)");
            const { returned, seconds } = await answer;
            expect(returned).toBe(0);
            expect(seconds).toBeLessThan(LONGEST_SECONDS);
          }),
      );
    });

    test("is begun again by the program if it is epoll_wait, which ends with EINTR", () =>
      withTarget(startPython, async (target) => {
        const { returned, errno } = await during(target, "epoll", { rounds: 1 });
        expect({ returned, errno }).toEqual({ returned: -1, errno: EINTR });
      }));
  });
});
