import { expect, test } from "vitest";
import { ALL_MEASURES } from "../fuzz/measure_all.ts";
import { seconds, snapshot } from "../helpers/drawn_snapshot.ts";
import { filterSnapshots } from "../../lib/query/filter.ts";

const COMPARISON = 6;

const own = seconds("0x10 rw-p [heap] DDpp", "0x10 rw-p [heap] pDDp", "0x10 rw-p [heap] ppDD");

test("a process of which a filter leaves no mapping changes no measure of the others", () => {
  const process = { pid: 7, startTimeTicks: 1, command: "other" };
  const both = own.flatMap((one) => {
    const { atNs, durationNs, index } = one;
    const sinceClear = { ...one.sinceClear!, process };
    const others = { process, sinceClear, atNs, durationNs, index };
    return [snapshot("0x90 rw-p /data DDDD", others), one];
  });
  for (const [i, measure] of ALL_MEASURES.entries()) {
    if (i === COMPARISON) continue; // it says of each command whether it is in both
    const left = filterSnapshots(both, 'mapping == "[heap]"');
    expect(measure(left)).toBe(measure(filterSnapshots(own, 'mapping == "[heap]"')));
  }
});
