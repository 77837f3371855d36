import { expect, test } from "vitest";
import { arm64 } from "../../lib/kernel/machine_arm64.ts";

const FP_REGISTERS = 2;
const SVE = 0x405;

/** A register set as NT_ARM_SVE gives it, for vectors of 64 bytes. */
function sve(flags: number): Uint8Array {
  const bytes = new Uint8Array(16 + 32 * 64 + 17 * 8);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, 64, true);
  view.setUint16(12, flags, true);
  return bytes;
}

test("discarded() gives back the scalable vectors that are in use", () => {
  const vectors = sve(1);
  const extended = new Map([[FP_REGISTERS, new Uint8Array(528)], [SVE, vectors]]);
  expect([...arm64.discarded(extended)]).toEqual([[SVE, vectors]]);
});

test("discarded() passes over plain vectors, which a call keeps", () => {
  expect(arm64.discarded(new Map([[SVE, sve(0)]])).size).toBe(0);
  expect(arm64.discarded(new Map()).size).toBe(0);
});

test("frame() holds floating point, then scalable vectors, each with its magic number", () => {
  const state = {
    registers: new BigUint64Array(34),
    signalMask: 0n,
    extended: new Map([[FP_REGISTERS, new Uint8Array(528)], [SVE, sve(1)]]),
  };
  const frame = arm64.frame(state, { call: 0, signalReturn: 0 }, 0);
  const view = new DataView(frame.buffer);
  const records = 128 + 464; // siginfo_t, and ucontext_t up to __reserved
  expect(view.getUint32(records, true)).toBe(0x46508001);
  expect(view.getUint32(records + 4, true)).toBe(528);
  expect(view.getUint32(records + 528, true)).toBe(0x53564501);
  expect(view.getUint16(records + 528 + 8, true)).toBe(64);
});
