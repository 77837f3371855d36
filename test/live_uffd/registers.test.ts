/** A target that looks at all of its registers all the time. */

import { readFileSync } from "node:fs";
import process from "node:process";
import { expect, test } from "vitest";
import { ATTACH_STEPS } from "../../lib/kernel/inject/attach_sequence.ts";
import { LineProgram, targetPath } from "./lines.ts";
import { settledView, viewOf } from "./process_view.ts";
import { describeLive, describeUnless } from "./proven.ts";
import { lackOf, PYTHON } from "./targets.ts";
import { Tool } from "./tool.ts";
import { withTarget } from "./with_target.ts";

const lack = process.arch === "x64" ? lackOf(PYTHON) : `no such program for ${process.arch}`;

describeLive("the registers of a target", () => {
  describeUnless(lack)("that spins in machine code", () => {
    test("are as they were after 200 rounds, and with the tool killed at each step", () =>
      withTarget(
        () => new LineProgram([PYTHON, targetPath("registers.py")]),
        async (target) => {
          const { vectors } = await target.answer();
          const hasAvx512 = readFileSync("/proc/cpuinfo", "utf8").includes(" avx512f ");
          expect(vectors === "avx512").toBe(hasAvx512);
          const before = viewOf(target.pid);
          const { stopsNs } = await new Tool(target.pid, { rounds: 200 }).end;
          expect(stopsNs).toHaveLength(200);
          for (const dieAt of ATTACH_STEPS) {
            expect((await new Tool(target.pid, { dieAt }).end).signal).toBe("SIGKILL");
            expect(await settledView(target.pid, before)).toEqual(before);
          }
          const { failed, rounds } = await target.ask("end");
          expect(failed).toBe(0);
          expect(rounds).toBeGreaterThan(1e5);
        },
      ));
  });
});
