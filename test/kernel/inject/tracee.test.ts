import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Tracee } from "../../../lib/kernel/inject/tracee.ts";
import { Target } from "../../live/truth/target.ts";

const PR_SET_SYSCALL_USER_DISPATCH = 59;
const TIMEOUT_MS = 5_000;

describe.skipIf(process.platform !== "linux")("a tracee", () => {
  let target: Target;
  let tid: number;
  beforeAll(async () => {
    target = await Target.start();
    tid = await target.call("gettid");
  });
  afterAll(() => target.end());

  /** Asks while the target is stopped. */
  function dispatchesCalls(): boolean {
    const tracee = Tracee.seize(tid);
    try {
      tracee.interrupt();
      tracee.waitFor(["stop"], TIMEOUT_MS, (signal) => tracee.resume(signal));
      // What is left of an earlier call must not be taken for an answer, nor be made the target's.
      tracee.registers();
      return tracee.dispatchesCalls();
    } finally {
      tracee.detach();
    }
  }

  test("reports whether its system calls are dispatched to itself, and does not change that", async () => {
    const ON = 1;
    expect([dispatchesCalls(), dispatchesCalls()]).toEqual([false, false]);
    // From all addresses that programs have, calls are let through.
    await target.call("prctl", PR_SET_SYSCALL_USER_DISPATCH, ON, 4096, 2 ** 47, 0);
    expect([dispatchesCalls(), dispatchesCalls()]).toEqual([true, true]);
    await target.renew();
  });
});
