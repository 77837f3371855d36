import { expect, test } from "vitest";
import { phases } from "../../lib/analysis/phases.ts";
import { timeSeries } from "../../lib/analysis/time_series.ts";
import { phasesIn } from "../../lib/page/phases_view.ts";
import { seconds } from "../helpers/drawn_snapshot.ts";

// Ten seconds in one mapping, ten in another.
const drawn = (a: string, b: string) => `0 rw-p a ${a}\n0x100 rw-p b ${b}`;
const snapshots = seconds(
  ...Array(10).fill(drawn("DDDDDDDD", "pppppppp")),
  ...Array(10).fill(drawn("pppppppp", "DDDD")),
);
const report = { phases: phases(snapshots)[0], series: timeSeries(snapshots)[0] };
const [first, second] = report.phases.phases;
const all = { from: 0, to: 20, name: undefined, isAllTime: true, isWhole: true };

test("phases that lie in the time are shown, in part too", () => {
  expect(report.phases.phases).toHaveLength(2);
  expect(phasesIn(report, all)).toEqual([first, second]);
  expect(phasesIn(report, { ...all, from: 0, to: 10 })).toEqual([first]);
  expect(phasesIn(report, { ...all, from: 9, to: 11 })).toEqual([first, second]);
  expect(phasesIn(report, { ...all, from: 15, to: 16 })).toEqual([second]);
});

test("of a mapping those are shown in which it was written to, with its rate", () => {
  const [row, ...others] = phasesIn(report, { ...all, name: "b" });
  expect(others).toEqual([]);
  expect(row).toMatchObject({ startNs: second.startNs, workingSetPages: null });
  expect(row.meanBytesPerSecond).toBeCloseTo(4 * 4096, 6);
  expect(phasesIn(report, { ...all, from: 0, to: 10, name: "b" })).toEqual([]);
  expect(phasesIn(report, { ...all, name: "none of these" })).toEqual([]);
});
