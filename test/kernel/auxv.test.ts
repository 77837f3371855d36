import { expect, test } from "vitest";
import { parsePageSize } from "../../lib/kernel/auxv.ts";

test("parsePageSize() finds AT_PAGESZ among other entries", () => {
  const auxv = new BigUint64Array([33n, 0x7ffd_0000_0000n, 6n, 16384n, 0n, 0n]);
  expect(parsePageSize(new Uint8Array(auxv.buffer))).toBe(16384);
});

test("parsePageSize() refuses a vector that does not say", () => {
  expect(() => parsePageSize(new Uint8Array(24))).toThrow(SyntaxError);
});
