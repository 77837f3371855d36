import { expect, test } from "vitest";
import { formatAddress, parseAddress } from "../../lib/core/address.ts";
import { ArgumentError } from "../../lib/core/errors.ts";

test("formatAddress() prints at least eight digits, as the kernel does", () => {
  expect(formatAddress(0x400, 4096)).toBe("00400000");
  expect(formatAddress(0xffff_ffff_ff600, 4096)).toBe("ffffffffff600000");
});

test("formatAddress() is right for pages of 16 and 64 KiB", () => {
  expect(formatAddress(0x7fff1, 16384)).toBe("1fffc4000");
  expect(formatAddress(0x7fff, 65536)).toBe("7fff0000");
});

test("parseAddress() takes text, exact numbers and bigints", () => {
  expect(parseAddress("0x7FFF0000", 4096)).toBe(0x7fff0);
  expect(parseAddress(0x7fff0fff, 4096)).toBe(0x7fff0);
  expect(parseAddress(0xffff_ffff_ff60_0000n, 4096)).toBe(0xffff_ffff_ff600);
});

test.each([["rubbish"], [""], [2 ** 60], [1.5], [-1], [1n << 64n]])(
  "parseAddress() refuses %s",
  (address) => expect(() => parseAddress(address, 4096)).toThrow(ArgumentError),
);
