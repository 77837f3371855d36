/** A target that replaces its program all the time, with one in sixteen that stays a while. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ProcessError } from "../../lib/core/errors.ts";
import { attach } from "../../lib/kernel/inject/attach.ts";
import { closeDescriptor } from "../../lib/kernel/system/libc.ts";
import { currentArch } from "../../lib/kernel/inject/current_arch.ts";
import { ProcFs } from "../../lib/kernel/proc/proc_fs.ts";
import { LineProgram, targetPath } from "./lines.ts";
import { describeLive } from "./proven.ts";
import { withTarget } from "./with_target.ts";

const ATTEMPTS = 300;
/** One that finds a program being loaded each time that it looks takes half a second. */
const LONGEST_MS = 8_000;

/** How often it has done so; undefined while it does. */
function countOf(pid: number): number | undefined {
  const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  return words.length < 4 ? undefined : Number(words[2]);
}

/** The errors that can be reported of such a program; each passes. */
const PASSING: ReadonlySet<string> = new Set(["address-space-replaced", "still-loading"]);

/** The outcome of one attach. */
function outcome(pid: number): string {
  try {
    closeDescriptor(attach(new ProcFs(), pid, currentArch()!).userfaultfd);
    return "attached";
  } catch (error) {
    if (error instanceof ProcessError) {
      return PASSING.has(error.code) ? error.code : error.message;
    }
    throw error;
  }
}

async function untilBeyond(pid: number, count: number): Promise<number> {
  for (;;) {
    const now = countOf(pid);
    if (now !== undefined && now > count) return now;
    await new Promise(setImmediate);
  }
}

describeLive("a target that replaces its program all the time", () => {
  test("continues to do so, whether an attach worked or failed because it was replaced", () =>
    withTarget(
      () => new LineProgram(["/bin/sh", targetPath("execs.sh"), "0"]),
      async ({ pid }) => {
        let count = await untilBeyond(pid, 0);
        const seen = new Map<string, number>();
        const endMs = performance.now() + LONGEST_MS;
        for (let i = 0; i < ATTEMPTS && performance.now() < endMs; i++) {
          const found = outcome(pid);
          seen.set(found, (seen.get(found) ?? 0) + 1);
          if (i % 10 === 0) count = await untilBeyond(pid, count);
        }
        console.log("attached to a program that is replaced:", Object.fromEntries(seen));
        expect(seen.get("attached") ?? 0).toBeGreaterThan(0);
        for (const known of ["attached", ...PASSING]) seen.delete(known);
        expect(Object.fromEntries(seen)).toEqual({});
        await untilBeyond(pid, count + 10);
      },
    ));
});
