import { expect, test } from "vitest";
import { meterEach, windowOf, windowsOf } from "../../lib/analysis/windows.ts";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";

const at = (atNs: number, clearNs: number | null, fields = {}) =>
  snapshot("0x10 rw-p - D", {
    atNs,
    durationNs: 500,
    sinceClear: clearNs === null ? null : clearAt(clearNs),
    ...fields,
  });

test("a window is as long as clear and read leave open", () => {
  expect(windowOf(at(10_000, 2_000))).toEqual({ shortestNs: 7_000, longestNs: 8_500 });
  expect(windowOf(at(10_000, 9_500))).toEqual({ shortestNs: 0, longestNs: 1_000 });
  expect(windowOf(at(10_000, null))).toBeUndefined();
  expect(windowOf(at(1_000, 2_000))).toBeUndefined();
});

test("of the snapshots after one clear, the last of each process is selected", () => {
  const other = { process: { pid: 7, startTimeTicks: 1, command: "other" } };
  const reused = { process: { pid: 42, startTimeTicks: 2000, command: "new" } };
  const all = [
    at(1e4, null, { index: 0 }),
    at(3e4, 2e4, { index: 1 }),
    at(3e4, 2e4, { index: 2, ...other }),
    at(4e4, 2e4, { index: 3 }),
    at(6e4, 5e4, { index: 4 }),
    at(7e4, 2e4, { index: 5, ...other }),
    at(9e4, 5e4, { index: 6, ...reused }),
  ];
  expect(Array.from(windowsOf(all), ({ snapshot }) => snapshot.index)).toEqual([3, 4, 6, 5]);
  expect([...windowsOf([])]).toEqual([]);
});

test("an exec begins another program, which has a result of its own", () => {
  const sh = { process: { pid: 42, startTimeTicks: 1, command: "sh" } };
  const perl = { process: { pid: 42, startTimeTicks: 1, command: "perl" } };
  const all = [
    at(3e4, 2e4, { index: 0, ...sh }),
    at(5e4, null, { index: 1, ...perl }), // all is new: nothing was cleared before
    at(7e4, 6e4, { index: 2, ...perl }),
    at(9e4, 8e4, { index: 3, ...perl }),
    at(11e4, null, { index: 4, ...perl }), // itself again
    at(13e4, 12e4, { index: 5, ...perl }),
  ];
  const programs = Array.from(windowsOf(all), ({ snapshot, program }) => [snapshot.index, program]);
  expect(programs).toEqual([[0, "42 1 0"], [2, "42 1 1"], [3, "42 1 1"], [5, "42 1 2"]]);
  // Also where the snapshot without a clear was filtered out.
  const found = Array.from(windowsOf([all[0], all[2]]), ({ program }) => program);
  expect(found).toEqual(["42 1 0", "42 1 1"]);
  expect(dirtyRates(all).map(({ process }) => process.command)).toEqual(["sh", "perl", "perl"]);
});

test("more programs than can be measured at a time are refused", () => {
  function* forks() {
    for (let i = 0; i < 2 ** 15 + 1; i++) {
      const process = { pid: i + 1, startTimeTicks: 1, command: "x" };
      const sinceClear = { ...clearAt(0), process };
      yield snapshot("0x10 rw-p - D", { process, sinceClear, atNs: 1e9 });
    }
  }
  expect(() => meterEach(forks(), () => ({ add() {} }))).toThrow(/More than 32768 programs/);
});
