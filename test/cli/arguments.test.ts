import { describe, expect, test } from "vitest";
import {
  parseBytesPerSecond,
  parseCount,
  parseDurationMs,
  parseHexAddress,
  parseIndex,
  parsePercent,
  parsePerms,
  parsePid,
  parseShare,
  parseSizeBytes,
} from "../../lib/cli/arguments.ts";

test.each([["100ms", 100], ["1.5s", 1500], ["10m", 600_000], ["2 min", 120_000], [
  "1h",
  3_600_000,
]])(
  "parseDurationMs() takes %s",
  (text, ms) => expect(parseDurationMs(text)).toBe(ms),
);

test.each([["4096B", 4096], ["64k", 65536], ["2MiB", 2 ** 21], ["1.5GB", 1.5 * 2 ** 30]])(
  "parseSizeBytes() takes %s",
  (text, bytes) => expect(parseSizeBytes(text)).toBe(bytes),
);

test("numbers, addresses and permissions are parsed", () => {
  expect(parsePid("42")).toBe(42);
  expect(parseIndex("-1")).toBe(-1);
  expect(parseHexAddress("0x7f00")).toBe("0x7f00");
  expect(parsePerms("rw")).toBe("rw");
});

describe("invalid text is refused with an example", () => {
  test.each<[string, (text: string) => unknown, string]>([
    ["a duration without a unit", parseDurationMs, "100"],
    ["a negative duration", parseDurationMs, "-1s"],
    ["a size in words", parseSizeBytes, "large"],
    ["a size without a unit", parseSizeBytes, "4096"],
    ["a rate without a unit", parseBytesPerSecond, "10"],
    ["a rate without a unit but the second", parseBytesPerSecond, "10/s"],
    ["a percentage without its sign", parsePercent, "10"],
    ["a share without its sign", parseShare, "1"],
    ["pid 0", parsePid, "0"],
    ["a pid in hexadecimal", parsePid, "0x10"],
    ["a count of nothing", parseCount, "0"],
    ["half a snapshot", parseIndex, "1.5"],
    ["an address in words", parseHexAddress, "heap"],
    ["an unknown permission", parsePerms, "rwz"],
  ])("%s", (_, parse, text) => {
    expect(() => parse(text)).toThrow(/^Give /);
  });
});
