import { expect, test } from "vitest";
import { heatMaps } from "../../lib/analysis/heat.ts";
import { foldRows } from "../../lib/report/heat_cells.ts";
import { heatText } from "../../lib/report/heat_text.ts";
import { seconds } from "../helpers/drawn_snapshot.ts";

const [map] = heatMaps(seconds(
  "0x10 rw-p [heap] DDDD\n0x90 rw-p /a/long/path Dp",
  "0x10 rw-p [heap] DDpp\n0x90 rw-p /a/long/path pp",
));

test("without colour, shades are characters, and lines have their address", () => {
  const lines = heatText(map, { width: 42, height: 10, isColored: false }).split("\n");
  expect(lines.slice(2, 8)).toEqual([
    "@@@@@@@@@@  00010000 [heap]",
    "@@@@@@@@@@  00011000",
    "@@@@@       00012000",
    "@@@@@       00013000",
    "@@@@@       00090000 path",
    "0 ns 2.00 s",
  ]);
  expect(lines[0]).toMatch(
    /^drawn \(pid 42\) has half of its dirty pages in 8\.00 KiB of the 20\.0 KiB/,
  );
});

test("in colour, a line has two rows in half blocks, and ends without colour", () => {
  const lines = heatText(map, { width: 42, height: 3, isColored: true }).split("\n");
  const [upper, lower, path] = lines.slice(2, 5);
  for (const line of [upper, lower, path]) {
    expect(line).toContain("\x1b[38;2;");
    expect(line.slice(line.lastIndexOf("\x1b"))).toMatch(/^.\[0m  [0-9a-f]{8}/);
  }
  // deno-lint-ignore no-control-regex
  const shown = (line: string) => line.replace(/\x1b\[[\d;]*m/g, "").slice(0, 10);
  expect(shown(upper)).toBe("▀▀▀▀▀▀▀▀▀▀");
  expect(shown(lower)).toBe("▀▀▀▀▀     ");
  expect(shown(path)).toBe("▀▀▀▀▀     ");
});

test("names cannot bring anything along that a terminal obeys", () => {
  const [hostile] = heatMaps(seconds("0x10 rw-p \x1b]0;owned\x07 D"));
  const text = heatText(hostile, { width: 80, height: 4, isColored: false });
  for (const control of ["\x1b", "\x07"]) expect(text).not.toContain(control);
});

test("a process that wrote nothing has a map without lines", () => {
  const [empty] = heatMaps(seconds("0x10 rw-p [heap] pppp"));
  expect(heatText(empty, { width: 80, height: 4, isColored: false })).toBe(
    "drawn (pid 42) wrote to nothing in 1 window",
  );
});

test("with more mappings than lines, those that were written to least share a line", () => {
  const row = (start: number, mapping: string, dirty: number) => ({
    ...{ start, end: start + 1, mapping, dirtyPages: [dirty] },
  });
  const rows = [row(1, "a", 9), row(2, "b", 1), row(3, "c", 1), row(4, "d", 9), row(5, "d", 9)];
  const folded = foldRows(rows, 3);
  expect(folded.map(({ rows, lineCount }) => [rows.map(({ mapping }) => mapping), lineCount]))
    .toEqual([[["a"], 1], [["b", "c"], 1], [["d", "d"], 1]]);
  expect(foldRows(rows, 9).map(({ lineCount }) => lineCount)).toEqual([1, 1, 1, 2]);
  expect(foldRows(rows, 1)).toHaveLength(1);
});
