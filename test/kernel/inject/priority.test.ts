import { getPriority } from "node:os";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { systemCall } from "../../../lib/kernel/system/libc.ts";
import { currentArch } from "../../../lib/kernel/inject/current_arch.ts";
import { putFirst, THIS_THREAD } from "../../../lib/kernel/inject/priority.ts";

describe.runIf(process.platform === "linux")("putFirst()", () => {
  const arch = currentArch()!;
  const policyOf = (tid: number) =>
    systemCall("sched_getscheduler", arch.syscalls.sched_getscheduler, tid);

  test("puts this thread back to where it was", () => {
    const before = [policyOf(THIS_THREAD), getPriority()];
    const putBack = putFirst(THIS_THREAD, arch);
    putBack();
    expect([policyOf(THIS_THREAD), getPriority()]).toEqual(before);
  });

  test("gives this thread a priority before all others, or changes nothing", () => {
    const before = policyOf(THIS_THREAD);
    const putBack = putFirst(THIS_THREAD, arch);
    const during = policyOf(THIS_THREAD);
    putBack();
    expect([before, 1]).toContain(during);
  });

  test("passes over a thread that has ended", () => {
    putFirst(2 ** 22 - 1, arch)();
  });
});
