import process from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ProcessError, type ProcessErrorCode } from "../../../lib/core/errors.ts";
import { openToAttach } from "../../../lib/kernel/inject/attach_conditions.ts";
import { attachError, seizeError } from "../../../lib/kernel/inject/attach_errors.ts";
import { SystemCallError } from "../../../lib/kernel/system/libc.ts";
import { ProcFs } from "../../../lib/kernel/proc/proc_fs.ts";
import { WaitError } from "../../../lib/kernel/inject/tracee.ts";
import { FakeProc } from "../../helpers/fake_proc.ts";

const [EPERM, ESRCH, EIO] = [1, 3, 5];

let fake: FakeProc;
let proc: ProcFs;
beforeEach(() => {
  fake = new FakeProc();
  proc = new ProcFs(fake.root);
});
afterEach(() => fake.remove());

function expectError(action: () => unknown, code: ProcessErrorCode, message: RegExp): void {
  expect(action).toThrow(expect.objectContaining({ code, pid: 42 }));
  expect(action).toThrow(message);
}

/** Throws what a function returns. */
const thrown = (error: unknown) => () => {
  throw error;
};

/** A process whose memory its user may not open. */
class ForbiddenProc extends ProcFs {
  override openMemory(pid: number): never {
    throw new ProcessError("permission-denied", pid, "No permission");
  }
}

describe("openToAttach()", () => {
  test("opens the memory of a process in the usual state", () => {
    fake.put({ pid: 42, status: { TracerPid: 0, Seccomp: 0, x86_Thread_features: "" } });
    expect(() => openToAttach(proc, 42).close()).not.toThrow();
  });

  test("opens that of one with a filter as root: whether it harms shows later", () => {
    fake.put({ pid: 42, status: { TracerPid: 0, Seccomp: 2 } });
    fake.put({ pid: process.pid, status: { CapEff: "000001ffffffffff", Seccomp: 0 } });
    expect(() => openToAttach(proc, 42).close()).not.toThrow();
  });

  test("refuses one with a filter that its user may not see", () => {
    fake.put({ pid: 42, status: { TracerPid: 0, Seccomp: 2 } });
    fake.put({ pid: process.pid, status: { CapEff: "0000000000000000", Seccomp: 0 } });
    expectError(() => openToAttach(proc, 42), "cannot-attach", /Run as root \(CAP_SYS_ADMIN\)/);
  });

  test("names the tracer of a process that has one", () => {
    fake.put({ pid: 42, status: { TracerPid: 77 } });
    expectError(() => openToAttach(proc, 42), "traced-by-another", /traced by process 77/);
  });

  test("refuses a process with a shadow stack", () => {
    fake.put({ pid: 42, status: { TracerPid: 0, x86_Thread_features: "shstk wrss" } });
    expectError(() => openToAttach(proc, 42), "cannot-attach", /shadow stack/);
  });

  test("refuses a process in strict seccomp", () => {
    fake.put({ pid: 42, status: { TracerPid: 0, Seccomp: 1 } });
    expectError(() => openToAttach(proc, 42), "cannot-attach", /strict seccomp/);
  });

  test("reports a process that is not there", () => {
    expectError(() => openToAttach(proc, 42), "no-such-process", /no process 42/);
  });

  test.each([
    [undefined, /Run as the user of that process/],
    ["0", /Run as the user of that process/],
    ["1", /softdirty record -- COMMAND/],
    ["2", /lets root alone attach/],
    ["3", /until the next boot/],
  ])("says what Yama's setting %s means for the user", (scope, hint) => {
    fake.put({ pid: 42, status: { TracerPid: 0 } });
    if (scope !== undefined) fake.set("kernel/yama/ptrace_scope", scope);
    const forbidden = new ForbiddenProc(fake.root);
    expectError(() => openToAttach(forbidden, 42), "permission-denied", hint);
  });
});

describe("seizeError()", () => {
  const failed = (errno: number) => thrown(seizeError(proc, 42, new SystemCallError("x", errno)));

  test("reports a process that is not there", () => {
    expectError(failed(ESRCH), "no-such-process", /no process 42/);
  });

  test("names a tracer that came first", () => {
    fake.put({ pid: 42, status: { TracerPid: 77 } });
    expectError(failed(EPERM), "traced-by-another", /traced by process 77/);
  });

  test("distinguishes a process whose first thread has ended from a right that is missing", () => {
    fake.put({ pid: 42, status: { TracerPid: 0 } });
    expectError(failed(EPERM), "permission-denied", /No permission to attach/);
    fake.put({ pid: 42, state: "Z", status: { TracerPid: 0 } });
    expectError(failed(EPERM), "zombie", /has exited/);
  });

  test("passes on what it does not know", () => {
    expect(failed(EIO)).toThrow(SystemCallError);
  });
});

describe("attachError()", () => {
  const failed = (cause: unknown) => thrown(attachError(proc, 42, cause));

  test.each([new WaitError("ended"), new SystemCallError("ptrace CONT", ESRCH)])(
    "reports a process that ended meanwhile: %s",
    (cause) => {
      expectError(failed(cause), "process-exited", /42 has exited/);
    },
  );

  test("reports a process that does not stop, and one whose first thread has ended", () => {
    fake.put({ pid: 42 });
    expectError(failed(new WaitError("timeout")), "not-stopping", /did not stop within 2000 ms/);
    fake.put({ pid: 42, state: "Z" });
    expectError(failed(new WaitError("timeout")), "zombie", /has exited/);
  });

  test("passes on every other error", () => {
    const error = new RangeError("x");
    expect(attachError(proc, 42, error)).toBe(error);
  });
});
