import fc from "fast-check";
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
  expect(csv.split("\r\n").slice(2, 4)).toEqual([`"'=1+2"`, `"'@x"`]);
});

test.each([
  ["a;=1+2", '"a;=1+2"'],
  ["a\t=1+2", "a\\x09=1+2"],
  ["\r=1+2", "\\x0d=1+2"],
  [" =1+2", `"' =1+2"`],
  ['"=1+2', `"'""=1+2"`],
  ["+A1", `"'+A1"`],
  ["-A1", `"'-A1"`],
  ["\uff1dcmd()", `"'\uff1dcmd()"`],
  ["-1.5e3", "-1.5e3"],
  [" padded ", '" padded "'],
])("the cell %j is written as %s", (value, written) => {
  expect(formatCsv(["name"], [[value]])).toBe(`name\r\n${written}`);
});

/** Cells as a spreadsheet reads them which separates by commas, semicolons and tabs alike. */
function cellsOf(csv: string): string[] {
  return [...csv.matchAll(/(?:^|[,;\t\r\n])(?:"((?:[^"]|"")*)"|([^",;\t\r\n]*))/g)]
    .map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain);
}

test("no name is more than one cell, or a formula, whatever separates cells", () => {
  const character = fc.constantFrom(..."=+-@\t\r\n;,\"' a1\u200b\uff1d");
  const name = fc.string({ unit: character, minLength: 1 });
  fc.assert(fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
    const cells = cellsOf(formatCsv(names, []));
    expect(cells).toHaveLength(names.length);
    for (const cell of cells) {
      if (Number.isNaN(Number(cell))) expect(cell).not.toMatch(/^\s*[=+\-@\uff1d\t\r]/);
    }
  }));
});
