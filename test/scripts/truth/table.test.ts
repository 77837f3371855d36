import { describe, expect, test } from "vitest";
import { columnsOf, parseRows, seriesOf } from "../../../scripts/truth/column.ts";
import { compare, problemsOf, tableText } from "../../../scripts/truth/table.ts";
import type { ModeRow, Reading, Row } from "../../live/truth/row.ts";

const EXACT: Reading = {
  by: "read",
  untrackedBy: null,
  reported: 3,
  missed: {},
  extra: {},
  problems: [],
};

function row(mode: string, readings: Partial<Reading>[], more: Partial<ModeRow> = {}): ModeRow {
  return {
    type: "mode",
    tracker: "uffd-wp",
    mode,
    written: 3,
    changed: 4,
    readings: readings.map((reading) => ({ ...EXACT, ...reading })),
    ...more,
  };
}

/** What a kernel printed, as columns. */
function measured(rows: readonly Row[], release = "6.12.1-cloud", isHost = false) {
  const lines = [{ type: "kernel", release }, ...rows, { type: "end" }];
  const printed = ["console noise", ...lines.map((line) => JSON.stringify(line))].join("\n");
  return columnsOf(parseRows(printed), isHost);
}

const cellsOf = (...rows: ModeRow[]) =>
  [...measured(rows).columns[0].cells.values()].map(({ text }) => text);

describe("a cell", () => {
  test("counts what is missed and extra, with the reasons", () => {
    expect(cellsOf(
      row("a", [{}]),
      row("b", [{ extra: { "new-mapping": 29 } }]),
      row("c", [{ missed: { dropped: 4 }, extra: { moved: 2, "huge-page": 3 } }]),
      row("d", [{ untrackedBy: "hugetlb" }]),
      row("e", [{}], { note: "the kernel would not" }),
      row("f", [], { leftOut: "no swap" }),
      row("g", [{ problems: ["1 pages missed"] }]),
      row("h", [], { error: "The target ended" }),
    )).toEqual([
      "0 missed, 0 extra",
      "0 missed, 29 extra: new-mapping",
      "4 missed: dropped, 5 extra: 2 moved + 3 huge-page",
      "not tracked: hugetlb",
      "0 missed, 0 extra; the kernel would not",
      "left out: no swap on this machine",
      "0 missed, 0 extra UNEXPLAINED",
      "FAILED",
    ]);
  });

  test("shows ways of reading apart where they differ", () => {
    const readings = [{ by: "read" }, { by: "take", extra: { split: 1 } }];
    expect(cellsOf(row("a", readings))).toEqual([
      "read: 0 missed, 0 extra; take: 0 missed, 1 extra: split",
    ]);
  });
});

test("a kernel is named by its series, so that an update of it changes nothing", () => {
  const releases = ["6.1.0-50-cloud-amd64", "6.12.117+deb13-cloud-amd64", "7.3.4", "6.18.44-x"];
  expect(releases.map(seriesOf)).toEqual(["6.1", "6.12", "7.x", "6.18"]);
  expect(measured([row("a", [{}])], "6.18.44", true).columns[0].name).toBe("6.18 (host) uffd-wp");
});

test("rows that were cut off make no column", () => {
  const rows: Row[] = [{ type: "kernel", release: "6.1.0" }, row("a", [{}])];
  expect(() => columnsOf(rows, false)).toThrow(/not all measured/);
});

describe("problemsOf()", () => {
  test("lists what is unexplained, failed, or left out where nothing may be", () => {
    const rows = [
      row("a", [{}]),
      row("b", [{ problems: ["2 pages missed"] }]),
      row("c", [], { leftOut: "no swap" }),
      row("d", [], { error: "The target ended" }),
    ];
    const found = ["b: read: 2 pages missed", "d: The target ended"];
    expect(problemsOf([measured(rows)])).toEqual([
      `6.12 uffd-wp, ${found[0]}`,
      "6.12 uffd-wp, c: left out: no swap on this machine",
      `6.12 uffd-wp, ${found[1]}`,
    ]);
    expect(problemsOf([measured(rows, "6.18.1", true)])).toEqual(
      found.map((problem) => `6.18 (host) uffd-wp, ${problem}`),
    );
  });

  test("a mode writes the same pages on each kernel", () => {
    const all = [measured([row("a", [{}])]), measured([row("a", [{}], { written: 2 })], "7.3.4")];
    expect(problemsOf(all)).toEqual([
      "7.x uffd-wp, a: written and changed pages differ from other columns",
    ]);
  });
});

describe("compare()", () => {
  const vm = measured([row("a", [{}]), row("b", [{ extra: { moved: 1 } }])]);
  const host = measured([row("a", [{}]), row("b", [], { leftOut: "no swap" })], "6.18.1", true);
  const committed = tableText([vm, host]);

  test("finds no difference to the text of the same table", () => {
    expect(compare([vm, host], committed, true)).toEqual({ differences: [], notCompared: [] });
  });

  test("reports a cell, a row and a column that differ", () => {
    const other = measured([row("a", [{ missed: { dropped: 1 } }]), row("c", [{}])]);
    expect(compare([other, host], committed, true).differences).toEqual([
      "6.12 uffd-wp, a: 1 missed: dropped, 0 extra; committed: 0 missed, 0 extra",
      "6.12 uffd-wp, b: (no row); committed: 0 missed, 1 extra: moved",
      "6.12 uffd-wp, c: 0 missed, 0 extra; committed: (no row)",
    ]);
    expect(compare([host], committed, true).differences).toEqual([
      "6.12 uffd-wp: committed, and not measured",
    ]);
    expect(compare([host], committed, false).differences).toEqual([]);
    const newer = measured([row("a", [{}]), row("b", [{}])], "7.3.4");
    expect(compare([vm, newer, host], committed, true).differences).toEqual([
      "7.x uffd-wp: no such column is committed",
    ]);
  });

  test("reports other numbers of written pages", () => {
    const other = measured([row("a", [{}], { written: 2 }), row("b", [{ extra: { moved: 1 } }])]);
    expect(compare([other, host], committed, true).differences).toEqual([
      "a: 2 pages written; committed: 3",
    ]);
  });

  test("a host of another kind is not compared, and that is said", () => {
    const other = measured([row("a", [{}]), row("b", [{}])], "6.8.1", true);
    expect(compare([vm, other], committed, true)).toEqual({
      differences: [],
      notCompared: [
        "6.8 (host) uffd-wp: no such column is committed",
        "6.18 (host) uffd-wp: this machine has another kernel",
      ],
    });
    const swaps = measured([row("a", [{}]), row("b", [{}])], "6.18.1", true);
    expect(compare([vm, swaps], committed, true)).toEqual({
      differences: [],
      notCompared: [
        "6.18 (host) uffd-wp, b: 0 missed, 0 extra; committed: left out: no swap on this machine",
      ],
    });
  });
});
