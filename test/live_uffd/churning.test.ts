/** A process that changes its mappings while they are read, which kernels from 6.17 on list twice then. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isAscending } from "../../lib/core/mapping_order.ts";
import { openLive } from "../../lib/session/live.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";
import { targetPath } from "./lines.ts";
import { describeLive, describeUnless } from "./proven.ts";
import { lackOf, PYTHON } from "./targets.ts";
import { withTarget } from "./with_target.ts";

const READS = 100;

async function startChurning() {
  const child: ChildProcess = spawn(PYTHON, [targetPath("churning.py")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout!, "data");
  return {
    pid: child.pid!,
    end: async () => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

describeLive("a process that splits and merges 3,000 mappings", () => {
  describeUnless(lackOf(PYTHON))("in python3", () => {
    test("is recorded into a trace that is whole", { timeout: 240_000 }, async () => {
      await withTarget(startChurning, async ({ pid }) => {
        const output = join(temporaryFolder(), "churning.sdtrace");
        const sd = openLive({ pid, output, tracker: "uffd-wp" });
        sd.clear();
        for (let i = 0; i < READS; i++) {
          await sd.wait(0);
          expect(isAscending(sd.take().vmas)).toBe(true);
        }
        sd.close();
        const trace = openTrace(output);
        expect(trace.problems).toEqual([]);
        expect([...trace.snapshots]).toHaveLength(READS);
      });
    });
  });
});
