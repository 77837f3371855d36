import { describe, expect, test } from "vitest";
import { x64, X64_REGISTERS } from "../../../lib/kernel/inject/arch_x64.ts";

const R = X64_REGISTERS;
const CODE = { call: 0x7000_0001, signalReturn: 0x7000_0002 };
const XSTATE = 0x202;
const FRAME_AT = 0x7ffd_0000_0040;

/** Each register holds another number. */
function registers(changes: Record<string, bigint> = {}): BigUint64Array {
  const values = BigUint64Array.from({ length: 27 }, (_, i) => 0x1111_0000n + BigInt(i));
  values[R.eflags] = 0x246n;
  for (const [name, value] of Object.entries(changes)) values[R[name]] = BigInt.asUintN(64, value);
  return values;
}

/** An extended state in the layout of XSAVE, with these components in the machine and in use. */
function xstate(length: number, features: bigint, inUse: bigint): Uint8Array {
  const bytes = Uint8Array.from({ length }, (_, i) => i * 7);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(464, features, true);
  view.setBigUint64(512, inUse, true);
  return bytes;
}

function frame(state: { registers?: BigUint64Array; xstate?: Uint8Array } = {}) {
  const extended = new Map(state.xstate ? [[XSTATE, state.xstate]] : []);
  const bytes = x64.frame(
    { registers: state.registers ?? registers(), signalMask: 0xabcd_0123_4567_89efn, extended },
    CODE,
    FRAME_AT,
  );
  return { bytes, view: new DataView(bytes.buffer) };
}

describe("x64.frame()", () => {
  test("has each register where struct sigcontext has it", () => {
    const values = registers();
    const { view } = frame({ registers: values });
    // pretcode (8), uc_flags and uc_link (16), uc_stack (24), then the registers.
    const order = [
      ...["r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "rdi", "rsi", "rbp", "rbx"],
      ...["rdx", "rax", "rcx", "rsp", "rip", "eflags"],
    ];
    const found = order.map((_, i) => view.getBigUint64(48 + i * 8, true));
    expect(found).toEqual(order.map((name) => values[R[name]]));
    const segments = [0, 2, 4, 6].map((at) => view.getUint16(48 + 18 * 8 + at, true));
    expect(segments).toEqual(
      ["cs", "gs", "fs", "ss"].map((name) => Number(values[R[name]] & 0xffffn)),
    );
  });

  test("begins with the address of the code that returns, and has the signal mask", () => {
    const { view } = frame();
    expect(view.getBigUint64(0, true)).toBe(BigInt(CODE.signalReturn));
    expect(view.getBigUint64(304, true)).toBe(0xabcd_0123_4567_89efn);
  });

  test("has the number of the call before it, where the code takes it from there", () => {
    const code = { ...CODE, takesNumber: true };
    const state = { registers: registers(), signalMask: 5n, extended: new Map() };
    const withNumber = new DataView(x64.frame(state, code, FRAME_AT).buffer);
    const word = (at: number) => withNumber.getBigUint64(at, true);
    expect([0, 8, 16].map(word)).toEqual([CODE.signalReturn, 15, CODE.call].map(BigInt));
    const plain = new DataView(x64.frame(state, CODE, FRAME_AT).buffer);
    for (let at = 8; at < 440; at += 8) expect(word(at + 16)).toBe(plain.getBigUint64(at, true));
    const from = new Map([[XSTATE, xstate(832, 7n, 7n)]]);
    const frame = new DataView(x64.frame({ ...state, extended: from }, code, FRAME_AT).buffer);
    const address = Number(frame.getBigUint64(16 + 48 + 184, true));
    expect(address % 64).toBe(0);
    expect(frame.getUint32(address - FRAME_AT + 464, true)).toBe(0x46505853);
  });

  test("has flags that leave the alternate stack as it is", () => {
    const known = [0, 1, 2, 2 ** 31, 2 ** 31 + 1, 2 ** 31 + 2]; // SS_ONSTACK, SS_DISABLE, SS_AUTODISARM
    expect(known).not.toContain(frame().view.getUint32(8 + 24, true));
  });

  test("has the extended state at a multiple of 64, between the kernel's magic numbers", () => {
    const state = xstate(832, 7n, 7n);
    const { bytes, view } = frame({ xstate: state });
    const address = Number(view.getBigUint64(48 + 184, true));
    const at = address - FRAME_AT;
    expect(address % 64).toBe(0);
    expect(view.getUint32(at + 464, true)).toBe(0x46505853);
    expect(view.getUint32(at + 468, true)).toBe(836);
    expect(view.getBigUint64(at + 472, true)).toBe(7n);
    expect(view.getUint32(at + 480, true)).toBe(832);
    expect(view.getUint32(at + 832, true)).toBe(0x46505845);
    expect(bytes.length).toBe(at + 836);
    expect(bytes.subarray(at, at + 464)).toEqual(state.subarray(0, 464));
    expect(bytes.subarray(at + 484, at + 832)).toEqual(state.subarray(484));
    expect(view.getBigUint64(8, true) & 1n).toBe(1n); // UC_FP_XSTATE
  });

  test("without an extended state points to none", () => {
    expect(frame().view.getBigUint64(48 + 184, true)).toBe(0n);
  });

  describe("where the processor has tiles", () => {
    const features = 7n | (3n << 17n);

    test("leaves out their room if the thread never used them", () => {
      const { view } = frame({ xstate: xstate(11008, features, 7n) });
      const at = Number(view.getBigUint64(48 + 184, true)) - FRAME_AT;
      expect(view.getUint32(at + 480, true)).toBe(2696);
      expect(view.getBigUint64(at + 472, true)).toBe(7n);
      expect(view.getUint32(at + 2696, true)).toBe(0x46505845);
    });

    test("keeps them if the thread uses them", () => {
      const { view } = frame({ xstate: xstate(11008, features, 7n | (3n << 17n)) });
      const at = Number(view.getBigUint64(48 + 184, true)) - FRAME_AT;
      expect(view.getUint32(at + 480, true)).toBe(11008);
      expect(view.getBigUint64(at + 472, true)).toBe(features);
    });

    test("refuses a layout that it does not know", () => {
      expect(() => frame({ xstate: xstate(12000, features, 7n) })).toThrow(RangeError);
    });
  });
});

describe("x64.restarted()", () => {
  test.each([-512n, -513n, -514n, -516n])("begins a call again that ended with %d", (rax) => {
    const before = registers({ rax, origRax: 35n, rip: 0x5000n });
    const after = x64.restarted(before);
    expect([after[R.rax], after[R.rip]]).toEqual([35n, 0x4ffen]);
    expect(BigInt.asIntN(64, after[R.origRax])).toBe(-1n);
    expect(before[R.rip]).toBe(0x5000n);
  });

  test.each([
    ["a call that has ended", { rax: -4n, origRax: 35n }],
    ["a thread that is in no call", { rax: -512n, origRax: -1n }],
  ])("leaves %s as it is", (_, changes) => {
    const before = registers({ ...changes, rip: 0x5000n });
    const after = x64.restarted(before);
    expect([after[R.rax], after[R.rip]]).toEqual([before[R.rax], 0x5000n]);
  });
});

describe("x64.syscallRegisters()", () => {
  test("changes what a call needs, and nothing else", () => {
    const before = registers({ eflags: 0x346n }); // with the trap flag
    const after = x64.syscallRegisters(before, CODE, FRAME_AT, 56, 11, 12, 13, 14, 15, 16);
    const changed: Record<string, bigint> = {};
    for (const [name, i] of Object.entries(R)) if (after[i] !== before[i]) changed[name] = after[i];
    expect(changed).toEqual({
      rip: BigInt(CODE.call),
      rsp: BigInt(FRAME_AT),
      rax: 56n,
      origRax: 0xffff_ffff_ffff_ffffn,
      ...{ rdi: 11n, rsi: 12n, rdx: 13n, r10: 14n, r8: 15n, r9: 16n },
      eflags: 0x246n,
    });
  });
});

describe("x64.sigreturnRegisters()", () => {
  test("stands where a handler has just returned to", () => {
    const after = x64.sigreturnRegisters(registers(), CODE, FRAME_AT);
    expect(after[R.rip]).toBe(BigInt(CODE.signalReturn));
    expect(after[R.rsp]).toBe(BigInt(FRAME_AT) + 8n);
  });
});

test("x64.is64Bit() knows a thread by its code segment", () => {
  expect(x64.is64Bit(registers({ cs: 0x33n }))).toBe(true);
  expect(x64.is64Bit(registers({ cs: 0x23n }))).toBe(false);
});

test("x64.syscallResult() is below 0 for an error", () => {
  expect(x64.syscallResult(registers({ rax: -11n }))).toBe(-11);
  expect(x64.syscallResult(registers({ rax: 7n }))).toBe(7);
});
