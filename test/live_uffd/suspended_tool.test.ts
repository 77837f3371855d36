/** A tool that is suspended while it holds a target. */

import { readFileSync } from "node:fs";
import process from "node:process";
import { expect, test } from "vitest";
import { ATTACH_STEPS } from "../../lib/kernel/inject/attach_sequence.ts";
import { settledView, viewOf } from "./process_view.ts";
import { describeLive, describeUnless } from "./proven.ts";
import { lackOf, PYTHON, startBlocked } from "./targets.ts";
import { Tool } from "./tool.ts";
import { withTarget } from "./with_target.ts";
import { until } from "../helpers/until.ts";

function isSuspended(pid: number): boolean {
  return /\) T /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
}

describeLive("a tool that is suspended at any step of an attach", () => {
  describeUnless(lackOf(PYTHON))("to python3", () => {
    test("resumes the target, and only then stops itself", () =>
      withTarget(startBlocked, async (target) => {
        const before = viewOf(target.pid);
        for (const suspendAt of ATTACH_STEPS) {
          const tool = new Tool(target.pid, { suspendAt, suspendBy: "SIGSTOP" });
          await tool.until(() => tool.lastStep === suspendAt);
          expect(await settledView(target.pid, before), suspendAt).toEqual(before);
          await target.check();
          await until(() => isSuspended(tool.pid));
          process.kill(tool.pid, "SIGCONT");
          const { stopsNs, error, signal } = await tool.end;
          expect({ count: stopsNs.length, error, signal }).toEqual({ count: 1, signal: null });
          expect(await settledView(target.pid, before)).toEqual(before);
        }
      }));

    test("by the terminal stops after the attach", () =>
      withTarget(startBlocked, async (target) => {
        const before = viewOf(target.pid);
        const options = { suspendBy: "SIGTSTP", stays: true } as const;
        for (const suspendAt of ["stopped", "leader in clone", "helper gone"] as const) {
          const tool = new Tool(target.pid, { suspendAt, ...options });
          await tool.untilTold("done");
          expect(await settledView(target.pid, before)).toEqual(before);
          await until(() => isSuspended(tool.pid));
          await target.check();
          await tool.kill();
        }
      }));
  });
});
