import fc from "fast-check";
import stringWidth from "string-width";
import { expect, test } from "vitest";
import { choiceLines, foundChoices } from "../../../lib/report/top/choice_text.ts";

const choices = [
  { pid: 10, command: "small", residentBytes: 4096 },
  { pid: 11, command: "large", residentBytes: 1 << 20 },
  { pid: 120, command: "large", residentBytes: 1 << 20 },
];

test("processes are found by command and by pid, the largest first", () => {
  const pids = (wanted: string) => foundChoices(choices, wanted).map(({ pid }) => pid);
  expect(pids("")).toEqual([11, 120, 10]);
  expect(pids("SMALL")).toEqual([10]);
  expect(pids("12")).toEqual([120]);
  expect(pids("x")).toEqual([]);
});

test("the chosen one is marked and in sight, and it is said that nothing is tracked", () => {
  const many = Array.from({ length: 99 }, (_, i) => ({ pid: i, command: "c", residentBytes: 1 }));
  for (const { pid } of many) {
    const lines = choiceLines(many, pid, "", { columns: 60, rows: 10 });
    expect(lines[0]).toContain("Nothing is tracked yet");
    expect(lines.filter((line) => line.startsWith(">")).map((line) => line.slice(2, 10).trim()))
      .toEqual([String(pid)]);
    expect(lines).toHaveLength(10);
  }
});

test("no command leaves its line", () => {
  fc.assert(fc.property(
    fc.string({ unit: "binary" }),
    fc.integer({ min: 1, max: 90 }),
    (command, columns) => {
      const one = [{ pid: 1, command, residentBytes: 1 }];
      for (const line of choiceLines(one, undefined, command, { columns, rows: 8 })) {
        expect(stringWidth(line)).toBeLessThanOrEqual(columns);
        // deno-lint-ignore no-control-regex
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }
    },
  ));
});
