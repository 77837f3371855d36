/** Signals that come while a target is attached to. */

import process from "node:process";
import { expect, test } from "vitest";
import { ProcFs } from "../../lib/kernel/proc/proc_fs.ts";
import { LineProgram, targetPath } from "./lines.ts";
import { settledView, viewOf } from "./process_view.ts";
import { describeLive, describeUnless } from "./proven.ts";
import { attachRounds, killAtEachStep } from "./rounds.ts";
import { lackOf, PYTHON, startPython } from "./targets.ts";
import { Tool } from "./tool.ts";
import { withTarget } from "./with_target.ts";

const SIGNALS = 30_000;

/** Counts what it is sent, and finds no fault with anything else. */
function asTarget(program: LineProgram) {
  const check = async () => expect((await program.ask({ echo: 1 })).isRight).toBe(true);
  return { pid: program.pid, check, end: () => program.end() };
}

/** Sends them while something is done. */
async function inStorm(pid: number, count: string, action: () => Promise<void>): Promise<void> {
  const storm = new LineProgram([PYTHON, targetPath("storm.py"), String(pid), count]);
  try {
    await new Promise((resolve) => storm.child.stdout!.once("data", resolve));
    await action();
    // A storm of so many may be over by now; how it ended is what counts.
    storm.child.stdin!.on("error", () => {}).end("\n");
    expect(await storm.exit).toEqual({ exitCode: 0, signal: null });
  } finally {
    await storm.end();
  }
}

describeLive("signals", () => {
  describeUnless(lackOf(PYTHON))("sent to a python3 that counts them", () => {
    test(`arrive, all ${SIGNALS} of a storm, while it is attached to`, () =>
      withTarget(startPython, async (target) => {
        await inStorm(target.pid, String(SIGNALS), async () => {
          const { stopsNs, error } = await new Tool(target.pid, { rounds: 200 }).end;
          expect(error).toBeUndefined();
          expect(stopsNs).toHaveLength(200);
        });
        expect((await target.ask({})).signals).toBe(SIGNALS);
      }));

    test(`arrive, all ${SIGNALS} of a storm, while the tool is killed at moments and steps`, () =>
      withTarget(startPython, async (target) => {
        await inStorm(target.pid, String(SIGNALS), async () => {
          await killAtEachStep(asTarget(target));
          await attachRounds(asTarget(target), { rounds: 20, kills: 10 });
        });
        expect((await target.ask({})).signals).toBe(SIGNALS);
      }));

    test("that it blocks stay pending", () =>
      withTarget(startPython, async (target) => {
        const before = viewOf(target.pid);
        process.kill(target.pid, "SIGUSR2");
        const pending = () => new ProcFs().statusField(target.pid, "ShdPnd");
        expect(pending()).toMatch(/^0*800$/);
        await new Tool(target.pid, {}).end;
        await new Tool(target.pid, { dieAt: "leader sent" }).end;
        expect(await settledView(target.pid, before)).toEqual(before);
        expect(pending()).toMatch(/^0*800$/);
      }));

    test("to stop and to continue, in a storm, leave it neither stopped nor harmed", () =>
      withTarget(startPython, async (target) => {
        const before = viewOf(target.pid);
        await inStorm(target.pid, "stop", async () => {
          const { stopsNs, error } = await new Tool(target.pid, { rounds: 100 }).end;
          expect(error).toBeUndefined();
          expect(stopsNs).toHaveLength(100);
        });
        process.kill(target.pid, "SIGCONT");
        expect(await settledView(target.pid, before)).toEqual(before);
        expect((await target.ask({})).isRight).toBe(true);
      }));
  });
});
