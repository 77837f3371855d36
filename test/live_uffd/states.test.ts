/** Targets that are in no usual state. */

import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ATTACH_STEPS } from "../../lib/kernel/inject/attach_sequence.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";
import { LineProgram, targetPath } from "./lines.ts";
import { settledView, viewOf } from "./process_view.ts";
import { describeLive, describeUnless } from "./proven.ts";
import { assertUnharmed, killAtEachStep } from "./rounds.ts";
import { lackOf, PYTHON, startBlocked } from "./targets.ts";
import { Tool } from "./tool.ts";
import { withTarget } from "./with_target.ts";

/** The letter of the first thread's state. */
const stateOf = (pid: number) => /\) (.)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))![1];

async function untilState(pid: number, letters: RegExp): Promise<void> {
  for (let i = 0; i < 2000 && !letters.test(stateOf(pid)); i++) await sleep(5);
  expect(stateOf(pid)).toMatch(letters);
}

/** Others may not read seccomp filters. */
const isRoot = process.getuid?.() === 0;

describeLive("a target", () => {
  describeUnless(lackOf(PYTHON))("in python3", () => {
    test("that is stopped by SIGSTOP is attached to, stays stopped, and continues with SIGCONT", () =>
      withTarget(startBlocked, async (target) => {
        const before = viewOf(target.pid);
        process.kill(target.pid, "SIGSTOP");
        await untilState(target.pid, /T/);
        const stopped = viewOf(target.pid);
        const { stopsNs } = await new Tool(target.pid, { rounds: 10 }).end;
        expect(stopsNs).toHaveLength(10);
        expect(await settledView(target.pid, stopped)).toEqual(stopped);
        expect(stateOf(target.pid)).toBe("T");
        process.kill(target.pid, "SIGCONT");
        await assertUnharmed(target, before);
      }));

    test("that is stopped by SIGSTOP when the tool dies is as before after SIGCONT", () =>
      withTarget(startBlocked, async (target) => {
        const before = viewOf(target.pid);
        for (const dieAt of ATTACH_STEPS) {
          process.kill(target.pid, "SIGSTOP");
          await untilState(target.pid, /T/);
          expect((await new Tool(target.pid, { dieAt }).end).signal).toBe("SIGKILL");
          await untilState(target.pid, /[TD]/); // D: it waits for its helper, which is stopped
          process.kill(target.pid, "SIGCONT");
          await assertUnharmed(target, before, `killed at "${dieAt}"`);
        }
      }));

    test("that another one traces is refused with its name, and unharmed", () =>
      withTarget(startBlocked, async (target) => {
        const before = viewOf(target.pid);
        for (const pauseAt of ["seized", "leader in clone", "leader restored"] as const) {
          const first = new Tool(target.pid, { pauseAt });
          await first.untilTold("paused");
          const { error } = await new Tool(target.pid, {}).end;
          expect(error?.code).toBe("traced-by-another");
          expect(error?.message).toContain(`is traced by process ${first.pid}`);
          first.goOn();
          expect((await first.end).stopsNs).toHaveLength(1);
          await assertUnharmed(target, before);
        }
      }));

    test("of a table of descriptors that its helper shares, as before Linux 6.9, is unharmed", () =>
      withTarget(startBlocked, async (target) => {
        const before = viewOf(target.pid);
        const { stopsNs } = await new Tool(target.pid, { rounds: 20, hasOwnTable: false }).end;
        expect(stopsNs).toHaveLength(20);
        await assertUnharmed(target, before);
        const leaking = ["helper sent", "helper has userfaultfd", "descriptor copied"];
        const steps = ATTACH_STEPS.filter((step) => !leaking.includes(step));
        await killAtEachStep(target, { hasOwnTable: false }, steps);
      }));

    test("with no-new-privs is attached to, and unharmed", () =>
      withTarget(() => startBlocked("no-new-privs"), async (target) => {
        const before = viewOf(target.pid);
        expect(Object.values(before.threads)[0]).toContain("NoNewPrivs 1");
        const { stopsNs, error } = await new Tool(target.pid, { rounds: 20 }).end;
        expect(error).toBeUndefined();
        expect(stopsNs).toHaveLength(20);
        await assertUnharmed(target, before);
      }));

    const forbidding = [["forbids userfaultfd"], ["forbids clone", "forbids userfaultfd"]];
    test.runIf(isRoot).each(forbidding)(
      "whose seccomp filter %s is attached to, and unharmed when the tool is killed at any step",
      (...words) =>
        withTarget(() => startBlocked(...words), async (target) => {
          const before = viewOf(target.pid);
          expect(Object.values(before.threads)[0]).toContain("Seccomp 2");
          const { stopsNs, error } = await new Tool(target.pid, { rounds: 20 }).end;
          expect(error).toBeUndefined();
          expect(stopsNs).toHaveLength(20);
          await killAtEachStep(target);
        }),
    );

    test.runIf(isRoot).each([
      ["dies for userfaultfd", "kills it for userfaultfd(2)"],
      ["dies for clone", "kills it for clone(2)"],
      ["forbids exit", "forbids it exit(2)"],
      ["allow-list", "kills it for userfaultfd(2)"],
    ])(
      "with a seccomp filter, that %s, is refused and unharmed",
      (word, reason) =>
        withTarget(() => startBlocked(word), async (target) => {
          const before = viewOf(target.pid);
          for (let i = 0; i < 5; i++) {
            const { steps, error } = await new Tool(target.pid, {}).end;
            expect(error?.code).toBe("cannot-attach");
            expect(error?.message).toContain(`${target.pid} has a seccomp filter that ${reason}`);
            expect(steps.at(-1)).toBe("stopped");
            await assertUnharmed(target, before);
          }
        }),
    );

    test("that can open no more descriptors is refused with the error, and unharmed", () =>
      withTarget(() => startBlocked("no-descriptors"), async (target) => {
        const before = viewOf(target.pid);
        const { error } = await new Tool(target.pid, {}).end;
        expect(error).toMatchObject({ code: "cannot-attach" });
        expect(error?.message).toContain("is not allowed to create a userfaultfd (error 24)");
        await assertUnharmed(target, before);
      }));

    test.runIf(isRoot)(
      "that can start no more threads is refused with the error, and unharmed",
      () =>
        withTarget(() => startBlocked("no-threads"), async (target) => {
          const before = viewOf(target.pid);
          const { error } = await new Tool(target.pid, {}).end;
          expect(error).toMatchObject({ code: "cannot-attach" });
          expect(error?.message).toContain("can start no thread (error 11)");
          await assertUnharmed(target, before);
        }),
    );

    test("in a handler on a stack within its stack keeps what lies below that", () =>
      withTarget(
        () => new LineProgram([PYTHON, targetPath("in_handler.py")]),
        async (target) => {
          await target.answer();
          expect(await target.ask(1)).toEqual({ line: 1, isWhole: true });
          const before = viewOf(target.pid);
          const { stopsNs } = await new Tool(target.pid, { rounds: 20 }).end;
          expect(stopsNs).toHaveLength(20);
          expect(await target.ask(2)).toEqual({ line: 2, isWhole: true });
          for (const dieAt of ATTACH_STEPS) {
            expect((await new Tool(target.pid, { dieAt }).end).signal).toBe("SIGKILL");
            expect(await settledView(target.pid, before)).toEqual(before);
            expect(await target.ask(dieAt)).toEqual({ line: dieAt, isWhole: true });
          }
        },
      ));

    test("that waits for a child of vfork is not attached to, and continues after it", async () => {
      const pipe = join(temporaryFolder(), "pipe");
      expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
      await withTarget(
        () => new LineProgram([PYTHON, targetPath("in_vfork.py"), pipe]),
        async (target) => {
          await target.answer();
          await untilState(target.pid, /D/);
          const tool = new Tool(target.pid, { stays: true });
          await tool.untilTold("error");
          closeSync(openSync(pipe, "w"));
          expect(await target.answer()).toEqual({ status: 0 });
          expect(await target.ask("x")).toEqual({ line: "x" });
          const { error } = await tool.kill();
          expect(error?.code).toBe("not-stopping");
        },
      );
    });

    test("does not let its stack grow with each attach", () =>
      withTarget(startBlocked, async (target) => {
        const stack = () =>
          /^(\S+) .*\[stack\]$/m.exec(readFileSync(`/proc/${target.pid}/maps`, "utf8"))![1];
        await new Tool(target.pid, { dieAt: "helper born" }).end;
        await target.check();
        const before = stack();
        await new Tool(target.pid, { rounds: 50 }).end;
        for (const dieAt of ATTACH_STEPS) await new Tool(target.pid, { dieAt }).end;
        await target.check();
        expect(stack()).toBe(before);
      }));
  });
});
