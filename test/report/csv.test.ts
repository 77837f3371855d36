import { expect, test } from "vitest";
import { formatCsv } from "../../lib/report/csv.ts";

test("CSV quotes what has commas, quotes or newlines, and ends lines as the standard wants it", () => {
  expect(formatCsv(["name", "size"], [["a,b", 1], ['say "hi"', 2.5], ["plain", 0]])).toBe(
    'name,size\r\n"a,b",1\r\n"say ""hi""",2.5\r\nplain,0',
  );
});

test("names in CSV neither reach the terminal raw nor calculate in a spreadsheet", () => {
  const csv = formatCsv(["name"], [["\x1b[31mred"], ["=1+2"], ["@x"], ["two\nlines"]]);
  // deno-lint-ignore no-control-regex
  expect(csv).not.toMatch(/\x1b/);
  expect(csv.split("\r\n").slice(2, 4)).toEqual(["'=1+2", "'@x"]);
});
