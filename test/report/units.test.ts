import { expect, test } from "vitest";
import { formatBytes, formatDuration, formatPages, formatShare } from "../../lib/report/units.ts";

test.each([[0, "0 B"], [1023, "1023 B"], [4096, "4.00 KiB"], [2400256, "2.29 MiB"], [
  8 * 2 ** 30,
  "8.00 GiB",
], [2 ** 64, "16.0 EiB"]])(
  "formatBytes(%d) is %s",
  (bytes, text) => expect(formatBytes(bytes)).toBe(text),
);

test.each([[12, "12 ns"], [310_000, "310 µs"], [1_204_000_000, "1.20 s"], [119e9, "119 s"], [
  125e9,
  "2 min 5 s",
], [3 * 3600e9, "3 h 0 min"]])(
  "formatDuration(%d) is %s",
  (ns, text) => expect(formatDuration(ns)).toBe(text),
);

test("formatPages() knows one from many", () => {
  expect([0, 1, 1234567].map(formatPages)).toEqual(["0 pages", "1 page", "1,234,567 pages"]);
});

test("formatShare() never rounds something to nothing", () => {
  expect(formatShare(1, 1e6)).toBe("<0.1 %");
  expect(formatShare(0, 10)).toBe("0 %");
  expect(formatShare(10, 10)).toBe("100 %");
  expect(formatShare(586, 4096)).toBe("14.3 %");
  expect(formatShare(0, 0)).toBe("–");
});
