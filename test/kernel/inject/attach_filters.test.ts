import process from "node:process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { mayReachFilters, meetFilters } from "../../../lib/kernel/inject/attach_filters.ts";
import { SystemCallError } from "../../../lib/kernel/system/libc.ts";
import type { Registers } from "../../../lib/kernel/inject/arch.ts";
import { arm64 } from "../../../lib/kernel/inject/arch_arm64.ts";
import { x64, X64_REGISTERS as R } from "../../../lib/kernel/inject/arch_x64.ts";
import { ProcFs } from "../../../lib/kernel/proc/proc_fs.ts";
import { FakeProc } from "../../helpers/fake_proc.ts";
import {
  ARCH_AT,
  forCalls,
  jumpIfEqual,
  load,
  lowAt,
  NR_AT,
  program,
  RET,
  ret,
} from "../../helpers/seccomp_programs.ts";

const { syscalls } = x64;
const [EPERM, ESRCH, EACCES, EINVAL] = [1, 3, 13, 22];

/** A thread with these filters, or one of which they cannot be read. */
function meet(
  filters: readonly Uint8Array[] | SystemCallError,
  { arch = x64, hasOwnTable = true, registers = new BigUint64Array(27) } = {},
) {
  const seen: Registers[] = [];
  const leader = {
    seccompFilters() {
      if (filters instanceof SystemCallError) throw filters;
      return [...filters];
    },
    setRegisters: (registers: Registers) => seen.push(registers.slice()),
  };
  let error: unknown;
  try {
    meetFilters({ pid: 42, leader, registers, arch, hasOwnTable });
  } catch (thrown) {
    error = thrown;
  }
  return { error, seen, registers };
}

/** One filter, with a verdict of its own for one call. */
const meetOne = (name: keyof typeof syscalls, verdict: number, hasOwnTable = true) =>
  meet([forCalls([syscalls[name]], verdict, RET.ALLOW)], { hasOwnTable }).error;

describe("meetFilters()", () => {
  test.each(["userfaultfd", "clone", "exit", "rt_sigreturn"] as const)(
    "refuses a filter that does anything but let pass or forbid %s",
    (name) => {
      const message = (verdict: number) => (meetOne(name, verdict) as Error | undefined)?.message;
      const start = "Process 42 has a seccomp filter that";
      expect(message(RET.KILL_PROCESS)).toContain(`${start} kills it for ${name}(2). Where the`);
      expect(message(RET.KILL_PROCESS)).toContain("use --tracker soft-dirty");
      expect(message(RET.KILL_THREAD)).toContain(`${start} kills it for ${name}(2)`);
      expect(message(RET.TRAP)).toContain(`sends it a signal (SIGSYS) for ${name}(2)`);
      expect(message(RET.TRACE)).toContain(`has another process decide on ${name}(2)`);
      expect(message(RET.USER_NOTIF)).toContain(`has another process decide on ${name}(2)`);
      expect(message(RET.LOG)).toBeUndefined();
      expect(message(RET.ALLOW)).toBeUndefined();
    },
  );

  test("takes a filter that forbids what may fail, but no other", () => {
    expect(meetOne("userfaultfd", RET.ERRNO | EPERM)).toBeUndefined();
    expect(meetOne("clone", RET.ERRNO | EPERM)).toBeUndefined();
    const error = { code: "cannot-attach", pid: 42 };
    expect(meetOne("rt_sigreturn", RET.ERRNO)).toMatchObject(error);
    expect(meetOne("exit", RET.ERRNO)).toMatchObject(error);
    expect(meetOne("exit", RET.ERRNO)).toHaveProperty(
      "message",
      expect.stringContaining("that forbids it exit(2)"),
    );
  });

  test("asks about close(2) only where the helper shares the table of descriptors", () => {
    expect(meetOne("close", RET.TRAP, true)).toBeUndefined();
    expect(meetOne("close", RET.TRAP, false)).toMatchObject({ code: "cannot-attach" });
    expect(meetOne("close", RET.ERRNO, false)).toBeUndefined();
  });

  test("asks with the flags that the calls will have", () => {
    const [SHARED, OWN] = [0x14d00, 0x14900];
    const passes = (call: number, flags: number, hasOwnTable: boolean) => {
      const filter = program(
        load(NR_AT),
        jumpIfEqual(call, 0, 2),
        load(lowAt(0)),
        jumpIfEqual(flags, 0, 1),
        ret(RET.ALLOW),
        ret(RET.KILL_PROCESS),
      );
      return meet([filter], { hasOwnTable }).error === undefined;
    };
    expect(passes(syscalls.clone, OWN, true)).toBe(true);
    expect(passes(syscalls.clone, SHARED, true)).toBe(false);
    expect(passes(syscalls.clone, SHARED, false)).toBe(true);
    expect(passes(syscalls.userfaultfd, 0o2004001, true)).toBe(true);
    expect(passes(syscalls.userfaultfd, 0o2004000, true)).toBe(false);
  });

  test.each([["x64", x64], ["arm64", arm64]] as const)("names the architecture: %s", (_, own) => {
    const filter = (arch: number) =>
      program(load(ARCH_AT), jumpIfEqual(arch, 0, 1), ret(RET.ALLOW), ret(RET.KILL_PROCESS));
    expect(meet([filter(own.auditArch)], { arch: own }).error).toBeUndefined();
    expect(meet([filter(own.auditArch + 1)], { arch: own }).error).toBeDefined();
  });

  test("counts each of several filters", () => {
    const allow = program(ret(RET.ALLOW));
    const kill = forCalls([syscalls.userfaultfd], RET.KILL_PROCESS, RET.ALLOW);
    expect(meet([allow, allow]).error).toBeUndefined();
    expect(meet([allow, kill, allow]).error).toBeDefined();
  });

  test("refuses filters that cannot be read, and says what would help", () => {
    const failed = (errno: number) => meet(new SystemCallError("ptrace", errno)).error;
    const refusal = (hint: string) =>
      expect.objectContaining({ code: "cannot-attach", hint: expect.stringContaining(hint) });
    expect(failed(EACCES)).toEqual(refusal("Run as root (CAP_SYS_ADMIN) and outside of container"));
    expect(failed(EINVAL)).toEqual(refusal("CONFIG_CHECKPOINT_RESTORE"));
    expect(failed(ESRCH)).toBeInstanceOf(SystemCallError);
  });
});

describe("a call that restart_syscall(2) would continue", () => {
  const inCall = (result: bigint) => {
    const registers = new BigUint64Array(27);
    registers[R.origRax] = 35n;
    registers[R.rax] = BigInt.asUintN(64, result);
    registers[R.rip] = 0x1002n;
    return registers;
  };
  const RESTART_BLOCK = -516n;
  const kill = forCalls([syscalls.restart_syscall], RET.KILL_PROCESS, RET.ALLOW);
  const forbid = forCalls([syscalls.restart_syscall], RET.ERRNO, RET.ALLOW);
  const killAll = program(ret(RET.KILL_PROCESS));

  test.each<[string, readonly Uint8Array[] | SystemCallError]>([
    ["kills for that", [kill]],
    ["forbids that", [forbid]],
    ["has the process refused", [killAll]],
    ["cannot be read", new SystemCallError("ptrace", EACCES)],
  ])("begins again if a filter %s", (_, filters) => {
    const { seen, registers } = meet(filters, { registers: inCall(RESTART_BLOCK) });
    expect(seen).toEqual([registers]);
    expect([registers[R.rip], registers[R.rax]]).toEqual([0x1000n, 35n]);
  });

  test("continues if the filters allow it", () => {
    const { seen, registers } = meet([program(ret(RET.ALLOW))], {
      registers: inCall(RESTART_BLOCK),
    });
    expect(seen).toEqual([]);
    expect(registers).toEqual(inCall(RESTART_BLOCK));
  });

  test("is left to the kernel if it is another kind of call, or none", () => {
    for (const result of [-512n, -513n, -514n, 0n]) {
      expect(meet([kill], { registers: inCall(result) }).seen).toEqual([]);
    }
    const outside = inCall(RESTART_BLOCK);
    outside[R.origRax] = BigInt.asUintN(64, -1n);
    expect(meet([kill], { registers: outside }).seen).toEqual([]);
  });
});

describe("mayReachFilters()", () => {
  let fake: FakeProc;
  beforeEach(() => {
    fake = new FakeProc();
  });
  afterEach(() => fake.remove());

  test.each([
    ["root", "000001ffffffffff", 0, true],
    ["CAP_SYS_ADMIN alone", "0000000000200000", 0, true],
    ["all but that", "000001ffffdfffff", 0, false],
    ["a user", "0000000000000000", 0, false],
    ["root with a filter itself, as in a container", "000001ffffffffff", 2, false],
  ])("of %s", (_, CapEff, Seccomp, may) => {
    fake.put({ pid: process.pid, status: { CapEff, Seccomp } });
    expect(mayReachFilters(new ProcFs(fake.root))).toBe(may);
  });
});
