import { expect, test } from "vitest";
import { isKernelThread, parseStat } from "../../../lib/kernel/proc/stat.ts";

const REST =
  "1 42 42 0 -1 4194560 122 0 0 0 1 2 0 0 20 0 1 0 55555 2764800 256 18446744073709551615";

test("parseStat() takes a command with brackets, spaces and newlines", () => {
  const stat = parseStat(`42 (a) S 1 (\nb) S ${REST}\n`);
  expect(stat).toEqual({
    pid: 42,
    command: "a) S 1 (\nb",
    parentPid: 1,
    state: "S",
    flags: 4194560,
    startTimeTicks: 55555,
    residentPages: 256,
  });
  expect(isKernelThread(stat)).toBe(false);
});

test("isKernelThread() knows a thread of the kernel by its flag", () => {
  expect(
    isKernelThread(parseStat("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 7 0 0")),
  ).toBe(true);
});

test("parseStat() refuses what is no line of stat", () => {
  expect(() => parseStat("")).toThrow(SyntaxError);
  expect(() => parseStat("42 (x")).toThrow(SyntaxError);
});
