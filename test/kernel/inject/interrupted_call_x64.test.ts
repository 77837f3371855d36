import { describe, expect, test } from "vitest";
import { interruptedCall } from "../../../lib/kernel/inject/interrupted_call_x64.ts";
import { x64, X64_REGISTERS as R } from "../../../lib/kernel/inject/arch_x64.ts";

const NONE = new Uint8Array(7);
const ADDRESS = 0x7ffd_0000_1000n;
/** mov $number, %eax; syscall */
const code = (number: number) => Uint8Array.of(0xb8, number, 0, 0, 0, 0x0f, 0x05);

describe("interruptedCall()", () => {
  test.each([["poll", 7], ["nanosleep", 35], ["futex", 202], ["clock_nanosleep", 230]])(
    "finds %s in the code before the thread",
    (_, number) => {
      const hints = { codeBefore: code(number), waitChannel: "" };
      expect(interruptedCall(ADDRESS, hints)).toBe(BigInt(number));
    },
  );

  test("takes no call from the code that is never gone on with, whatever the channel", () => {
    const hints = { codeBefore: code(219), waitChannel: "do_sys_poll" };
    expect(interruptedCall(ADDRESS, hints)).toBeUndefined();
  });

  test.each([
    ["poll_schedule_timeout.constprop.0", ADDRESS, 7n],
    ["futex_do_wait", ADDRESS, 202n],
    ["futex_wait_queue_me", ADDRESS, 202n],
    ["hrtimer_nanosleep", ADDRESS, 35n],
    ["do_nanosleep", 1n, 230n],
    ["do_syscall_64", ADDRESS, undefined],
    ["0", ADDRESS, undefined],
    ["", ADDRESS, undefined],
  ])("takes it from the channel %s where the code does not show it", (waitChannel, first, call) => {
    expect(interruptedCall(first, { codeBefore: NONE, waitChannel })).toBe(call);
  });
});

describe("x64.restarted()", () => {
  const interrupted = (call: bigint) => {
    const registers = new BigUint64Array(27);
    registers[R.rax] = BigInt.asUintN(64, -516n);
    registers[R.origRax] = call;
    registers[R.rdi] = ADDRESS;
    registers[R.rip] = 0x1002n;
    return registers;
  };

  test("begins a call that was interrupted twice by its own number", () => {
    const hints = { codeBefore: code(7), waitChannel: "" };
    const registers = x64.restarted(interrupted(219n), hints);
    expect(registers[R.rax]).toBe(7n);
    expect(registers[R.rip]).toBe(0x1000n);
    expect(registers[R.rdi]).toBe(ADDRESS);
  });

  test("takes the number of a call that was interrupted once from its register alone", () => {
    const hints = { codeBefore: code(7), waitChannel: "" };
    expect(x64.restarted(interrupted(230n), hints)[R.rax]).toBe(230n);
  });
});
