import fc from "fast-check";
import stringWidth from "string-width";
import { expect, test } from "vitest";
import { Snapshot } from "../../../lib/core/snapshot.ts";
import { topJson } from "../../../lib/report/top/top_json.ts";
import { RecentTable } from "../../../lib/analysis/recent_table.ts";
import { PageSet } from "../../../lib/core/page_set.ts";
import { fitText } from "../../../lib/report/fit_text.ts";
import { mappingRows, processRows, sortedRows, SORTS } from "../../../lib/report/top/top_rows.ts";
import { topLines, type TopLook } from "../../../lib/report/top/top_text.ts";
import { trackingLines } from "../../../lib/report/top/tracking_lines.ts";
import { PROCESS, seconds, snapshot } from "../../helpers/drawn_snapshot.ts";

function tableOf(...drawings: string[]): RecentTable {
  const table = new RecentTable();
  for (const one of seconds(...drawings)) table.add(one);
  return table;
}

const look = (table: TopLook["table"], more: Partial<TopLook> = {}): TopLook => ({
  ...{ status: ["title"], table, sort: "rate", chosen: undefined, empty: "empty", help: ["help"] },
  ...more,
});
const size = { columns: 80, rows: 8, hasBlocks: true };

test("a process is a line with its rate, working set, lately and where", () => {
  const table = tableOf("0 rw-p [heap] Dppp", "0 rw-p [heap] DDDD", "0 rw-p [heap] ppDp");
  expect(topLines(look({ of: "processes", rows: processRows(table.states) }), size)).toEqual([
    "title".padEnd(80),
    "      pid command            writes*  work.set     size lately      where",
    "       42 drawn           4.00 KiB/s  16.0 KiB 16.0 KiB         ▂█▂ ████████████",
    ...["", "", "", ""],
    "help".padEnd(80),
  ].map((line, i) => i === 1 ? line.padEnd(80) : line));
});

test("mappings of one are those in its working set, and characters are plain where they must be", () => {
  const table = tableOf("0x100 rw-p [heap] DDpp\n0x200 rw-p /x/lib.so Dp\n0x300 r--p - p");
  const rows = sortedRows(mappingRows(table.of(42)!), "rate", false, "");
  const plain = { ...size, hasBlocks: false };
  const lines = topLines(look({ of: "mappings", rows }), plain).map((line) => line.trimEnd());
  expect(lines.slice(2, 4)).toEqual([
    "      00100000 rw-p [heap]       8.00 KiB/s  8.00 KiB 16.0 KiB        % ####",
    "      00200000 rw-p lib.so       4.00 KiB/s  4.00 KiB 8.00 KiB        % ####",
  ]);
});

test("rows are sorted by each column, reversed, and found by a text", () => {
  const table = tableOf("0x100 rw-p /b DDpppp\n0x200 rw-p /a D");
  const names = (...how: [Parameters<typeof sortedRows>[1], boolean, string]) =>
    sortedRows(mappingRows(table.of(42)!), ...how).map(({ name }) => name);
  expect(names("rate", false, "")).toEqual(["/b", "/a"]);
  expect(names("rate", true, "")).toEqual(["/a", "/b"]);
  expect(names("name", false, "")).toEqual(["/a", "/b"]);
  expect(names("size", false, "/A")).toEqual(["/a"]);
  expect(names("working set", false, "nothing")).toEqual([]);
});

test("the chosen row stays in sight, and none is said to be there if there is none", () => {
  const drawing = Array.from({ length: 50 }, (_, i) => `${i * 16} rw-p /m${i} D`).join("\n");
  const rows = sortedRows(mappingRows(tableOf(drawing).of(42)!), "name", false, "");
  for (const { key, name } of rows) {
    const lines = topLines(look({ of: "mappings", rows }, { chosen: key }), size);
    expect(lines.filter((line) => line.startsWith(">"))).toHaveLength(1);
    expect(lines.find((line) => line.startsWith(">"))).toContain(name.slice(1));
  }
  expect(topLines(look({ of: "processes", rows: [] }), size)[2]).toBe("empty".padEnd(80));
});

test("names take the room that they need, and headings are whole, in terminals of any width", () => {
  const drawing = "0x100 rw-p /usr/lib/a-long-name.so.6.0.25 DDpp\n0x200 rw-p /b Dp";
  const rows = sortedRows(mappingRows(tableOf(drawing).of(42)!), "rate", false, "");
  for (const sort of SORTS) {
    const lines = topLines(look({ of: "mappings", rows }, { sort }), { ...size, columns: 100 });
    expect(lines.join("\n")).not.toContain("…");
    const [, heading] = topLines(look({ of: "mappings", rows }, { sort }), size);
    expect(heading).not.toContain("…");
  }
});

test("what stands above is printed whole, in more lines where one is too narrow", () => {
  const rows = processRows(tableOf("0 rw-p - D").states);
  const status = ["title", "word ".repeat(40).trim()];
  const lines = topLines(look({ of: "processes", rows }, { status }), { ...size, rows: 20 });
  expect(lines.join(" ").match(/word/g)).toHaveLength(40);
  expect(lines.join("")).not.toContain("…");
});

test("of keys, those are named whole for which there is room", () => {
  const help = ["? help", "q quit", "a long explanation", "x y"];
  const rows = processRows(tableOf("0 rw-p - D").states);
  for (
    const [columns, line] of [[80, help.join("  ")], [20, "? help  q quit"], [6, "? help"]] as const
  ) {
    const lines = topLines(look({ of: "processes", rows }, { help }), { ...size, columns });
    expect(lines.at(-1)!.trimEnd()).toBe(line);
  }
});

test("no name, however hostile, leaves its line or its column", () => {
  fc.assert(fc.property(
    fc.string({ unit: "binary", maxLength: 30 }),
    fc.integer({ min: 1, max: 120 }),
    fc.integer({ min: 1, max: 12 }),
    (command, columns, rows) => {
      const table = new RecentTable();
      const [one] = seconds("0 rw-p - D");
      table.add(snapshot("0 rw-p - D", { ...one, process: { ...PROCESS, command } }));
      const all = { of: "processes", rows: processRows(table.states) } as const;
      const lines = topLines(look(all, { status: [command] }), { columns, rows, hasBlocks: true });
      expect(lines.length).toBeLessThanOrEqual(rows);
      for (const line of lines) {
        // deno-lint-ignore no-control-regex
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      }
    },
  ));
});

test("fitted text has the width that it should, whatever it is", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.nat(40), (text, width) => {
    expect(stringWidth(fitText(text, width))).toBe(width);
  }));
});

test("what tracking costs is printed, and what it does not see only if there is something", () => {
  const table = tableOf("0x10 rw-p - DD");
  expect(trackingLines(table.states)).toEqual([
    "read and cleared in 0 % of the time; costs what is tracked about <0.1 %",
  ]);
  const [one] = seconds("0x10 rw-p - DDp");
  const lossy = new RecentTable();
  lossy.add(
    snapshot("0x10 rw-p - DDp", {
      ...{ atNs: 1e9, durationNs: 1e8, tracker: "uffd-wp" },
      pages: { ...one.pages, unwatched: PageSet.from([{ start: 0x12, end: 0x13 }]) },
      sinceClear: { ...one.sinceClear!, unseenNs: 11e6 },
    }),
  );
  expect(trackingLines(lossy.states)).toEqual([
    "read and cleared in 9.1 % of the time; costs what is tracked about <0.1 %",
    "writes can be lost in 1.0 % of the time",
    "12.0 KiB writable, 4.00 KiB (33.3 %) untracked: userfaultfd refuses it",
  ]);
  expect(trackingLines([])).toEqual([]);
});

test("a group has a line of its own, in which shared memory counts once", () => {
  const table = new RecentTable();
  const shared = (pid: number) => {
    const process = { pid, startTimeTicks: 1, command: "worker" };
    const [one] = seconds("0x10 rw-p - DD\n0x20 rw-s /shm DDDD");
    const vmas = one.vmas.map((vma) => vma.name === "/shm" ? { ...vma, inode: "7" } : vma);
    return new Snapshot({ ...one, process, vmas, sinceClear: { ...one.sinceClear!, process } });
  };
  table.add(shared(1));
  expect(trackingLines(table.states, table.group).join("\n")).not.toMatch(/the group of/);
  table.add(shared(2));
  expect(trackingLines(table.states, table.group)[0]).toBe(
    "the group of 2 processes writes 32.0 KiB/s, shared memory counted once; " +
      "its working set of 1.00 s: 32.0 KiB",
  );
  expect(topJson(table.group!)).toMatchObject({
    members: [{ pid: 1 }, { pid: 2 }],
    workingSetBytes: 8 * 4096,
    mappings: [],
  });
});
