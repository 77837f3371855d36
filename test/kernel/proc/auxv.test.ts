import { expect, test } from "vitest";
import { parsePageSize, programKind } from "../../../lib/kernel/proc/auxv.ts";

test("parsePageSize() finds AT_PAGESZ among other entries", () => {
  const auxv = new BigUint64Array([33n, 0x7ffd_0000_0000n, 6n, 16384n, 0n, 0n]);
  expect(parsePageSize(new Uint8Array(auxv.buffer))).toBe(16384);
});

test("parsePageSize() refuses a vector that does not say", () => {
  expect(() => parsePageSize(new Uint8Array(24))).toThrow(SyntaxError);
});

test("programKind() recognizes 32-bit and static programs", () => {
  const words = (...values: bigint[]) => new Uint8Array(new BigUint64Array(values).buffer);
  const halves = (...values: number[]) => new Uint8Array(new Uint32Array(values).buffer);
  const [vdso, name] = [[33n, 0x7ffd_0000_0000n], [31n, 0x7ffd_0000_0100n]];
  const kind = (...words64: bigint[]) => programKind(words(...vdso, ...words64, 0n, 0n));
  expect(kind(7n, 0x7f00_0000_0000n, ...name)).toEqual({ is32Bit: false, isStatic: false });
  expect(kind(7n, 0n, ...name)).toEqual({ is32Bit: false, isStatic: true });
  // An exec is still filling it.
  expect(kind(7n, 0n)).toEqual({ is32Bit: false, isStatic: false });
  expect(programKind(words(0n, 0n))).toEqual({ is32Bit: false, isStatic: false });
  expect(programKind(halves(32, 0xf7fc_1540, 6, 4096, 0, 0))).toMatchObject({ is32Bit: true });
  expect(programKind(new Uint8Array())).toBeUndefined();
});
