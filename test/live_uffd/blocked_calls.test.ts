/** Calls in which a target waits while it is attached to. */

import { expect, test } from "vitest";
import { LineProgram } from "./lines.ts";
import { describeLive, describeUnless } from "./proven.ts";
import { lackOf, PYTHON, startPython } from "./targets.ts";
import { Tool, type ToolOptions } from "./tool.ts";
import { withTarget } from "./with_target.ts";

/** Longer than a tool takes to start. */
const SECONDS = 2;
const SLACK_SECONDS = 1;
/** Each ends by its timeout alone, and returns 0 then. */
const CALLS = ["nanosleep", "poll", "select", "ppoll", "sleep of Python", "epoll of Python"];
const EINTR = 4;

/** Attaches while the target is in a call, and returns how that ended. */
async function during(target: LineProgram, wait: string, options: ToolOptions) {
  let isOver = false;
  const answer = target.ask({ wait, seconds: SECONDS }).finally(() => isOver = true);
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
      "goes on after an attach, and ends in time: %s",
      (wait) =>
        withTarget(startPython, async (target) => {
          const { returned, errno, seconds, isRight } = await during(target, wait, { rounds: 20 });
          expect({ returned, errno, isRight }).toEqual({ returned: 0, errno: 0, isRight: true });
          expect(seconds).toBeGreaterThan(SECONDS - 0.01);
          expect(seconds).toBeLessThan(SECONDS + SLACK_SECONDS);
        }),
    );

    test.concurrent.each(CALLS)(
      "goes on after the tool has died, at most with all of its time: %s",
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

    test("is begun again by the program if it is epoll_wait, which ends with EINTR", () =>
      withTarget(startPython, async (target) => {
        const { returned, errno } = await during(target, "epoll", { rounds: 1 });
        expect({ returned, errno }).toEqual({ returned: -1, errno: EINTR });
      }));
  });
});
