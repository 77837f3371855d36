import { describe, expect, test } from "vitest";
import { arm64 } from "../../../lib/kernel/inject/arch_arm64.ts";

const CODE = { call: 0x7000_0004, signalReturn: 0x7000_0008 };
const FP_REGISTERS = 2;
const SVE = 0x405;
const STREAMING_SVE = 0x40b;
const ZA = 0x40c;
/** `struct rt_sigframe`: siginfo, then ucontext up to its sigcontext. */
const SIGCONTEXT = 128 + 176;
const RECORDS = SIGCONTEXT + 288;

const registers = () => BigUint64Array.from({ length: 34 }, (_, i) => 0x2222_0000n + BigInt(i));
const fpRegisters = Uint8Array.from({ length: 528 }, (_, i) => i * 3);

/** A set as ptrace gives it: `struct user_sve_header`, then registers. */
function scalable(vectorBytes: number, flags: number): Uint8Array {
  const bytes = Uint8Array.from({ length: 16 + vectorBytes * 34 + vectorBytes / 8 }, (_, i) => i);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, true);
  view.setUint16(8, vectorBytes, true);
  view.setUint16(12, flags, true);
  return bytes;
}

function frame(extended: [number, Uint8Array][] = []) {
  const state = {
    registers: registers(),
    signalMask: 0xabcd_0123_4567_89efn,
    extended: new Map(extended),
  };
  const bytes = arm64.frame(state, CODE, 0x1000);
  return { bytes, view: new DataView(bytes.buffer) };
}

describe("arm64.frame()", () => {
  test("has each register where struct sigcontext has it, and the signal mask", () => {
    const { view } = frame();
    const found = registers().map((_, i) => view.getBigUint64(SIGCONTEXT + 8 + i * 8, true));
    expect(found).toEqual(registers());
    expect(view.getBigUint64(128 + 40, true)).toBe(0xabcd_0123_4567_89efn);
  });

  test("has the floating point registers in a record, with the status words first", () => {
    const { bytes, view } = frame([[FP_REGISTERS, fpRegisters]]);
    expect(RECORDS % 16).toBe(0);
    expect(view.getUint32(RECORDS, true)).toBe(0x46508001);
    expect(view.getUint32(RECORDS + 4, true)).toBe(528);
    expect(bytes.subarray(RECORDS + 8, RECORDS + 16)).toEqual(fpRegisters.subarray(512, 520));
    expect(bytes.subarray(RECORDS + 16, RECORDS + 528)).toEqual(fpRegisters.subarray(0, 512));
    expect(view.getBigUint64(RECORDS + 528, true)).toBe(0n);
  });

  test("has scalable registers in a second record if they are in use", () => {
    const set = scalable(32, 1);
    const { bytes, view } = frame([[FP_REGISTERS, fpRegisters], [SVE, set]]);
    const at = RECORDS + 528;
    const payload = 32 * 32 + 17 * 4;
    const size = Math.ceil((16 + payload) / 16) * 16;
    expect(view.getUint32(at, true)).toBe(0x53564501);
    expect(view.getUint32(at + 4, true)).toBe(size);
    expect(view.getUint16(at + 8, true)).toBe(32);
    expect(bytes.subarray(at + 16, at + 16 + payload)).toEqual(set.subarray(16, 16 + payload));
    expect(view.getBigUint64(at + size, true)).toBe(0n);
  });

  test("has none if the set holds plain registers", () => {
    const { view } = frame([[FP_REGISTERS, fpRegisters], [SVE, scalable(32, 0)]]);
    expect(view.getBigUint64(RECORDS + 528, true)).toBe(0n);
  });

  test("refuses what it cannot restore", () => {
    expect(() => frame([[ZA, new Uint8Array(64)]])).toThrow(/SME/);
    expect(() => frame([[STREAMING_SVE, scalable(32, 1)]])).toThrow(/SME/);
    expect(() => frame([[SVE, scalable(256, 1)]])).toThrow(RangeError);
  });
});

describe("arm64.syscallRegisters()", () => {
  test("changes what a call needs, and nothing else", () => {
    const before = registers();
    before[33] = 0x6000_0c00n; // with a kind of branch
    const after = arm64.syscallRegisters(before, CODE, 0x1000, 220, 11, 12);
    const changed = Array.from(after.keys()).filter((i) => after[i] !== before[i]);
    expect(changed).toEqual([0, 1, 8, 30, 31, 32, 33]);
    expect(changed.map((i) => after[i])).toEqual([
      ...[11n, 12n, 220n, BigInt(CODE.signalReturn), 0x1000n, BigInt(CODE.call), 0x6000_0000n],
    ]);
  });
});

test("arm64.sigreturnRegisters() stands where a handler has just returned to", () => {
  const after = arm64.sigreturnRegisters(registers(), CODE, 0x1000);
  expect([after[31], after[32]]).toEqual([0x1000n, BigInt(CODE.signalReturn)]);
});

test("arm64.is64Bit() knows a thread by its mode", () => {
  const values = registers();
  values[33] = 0x6000_0000n;
  expect(arm64.is64Bit(values)).toBe(true);
  values[33] |= 0x10n;
  expect(arm64.is64Bit(values)).toBe(false);
});

describe("arm64.discarded()", () => {
  test("gives back the scalable vectors that are in use", () => {
    const vectors = scalable(64, 1);
    const extended = new Map([[FP_REGISTERS, fpRegisters], [SVE, vectors]]);
    expect([...arm64.discarded(extended)]).toEqual([[SVE, vectors]]);
  });

  test("passes over plain vectors, which a call keeps", () => {
    expect(arm64.discarded(new Map([[SVE, scalable(64, 0)]])).size).toBe(0);
    expect(arm64.discarded(new Map()).size).toBe(0);
  });
});
