import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { OTHER_NAMES, timeSeries } from "../../lib/analysis/time_series.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { seconds } from "../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";
import { some } from "../helpers/some.ts";

test("each column has what its windows dirtied, in all and by name", () => {
  const [series] = timeSeries(
    seconds("0 rw-p [heap] DDp\n9 rw-p - D", "0 rw-p [heap] ppD\n9 rw-p - p", "0 rw-p [heap] DDD"),
  );
  expect(series).toMatchObject({
    process: { pid: 42 },
    durationNs: [1e9, 1e9, 1e9],
    dirtyPages: [3, 1, 3],
    names: ["[heap]", ""],
    dirtyPagesByName: [[2, 1, 3], [1, 0, 0]],
  });
  expect(series.columns.map(({ windowCount }) => windowCount)).toEqual([1, 1, 1]);
});

test("however few columns there may be, nothing is lost or counted twice", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(6), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 12 }),
      (
        counts,
        most,
      ) => {
        const drawings = counts.map((count) =>
          `0 rw-p - ${"D".repeat(count)}${"p".repeat(7 - count)}`
        );
        const [{ columns, dirtyPages, durationNs }] = timeSeries(seconds(...drawings), most);
        expect(columns.length).toBeLessThanOrEqual(Math.max(2, most));
        let first = 0;
        for (const [i, { windowCount, startNs, endNs }] of columns.entries()) {
          const own = counts.slice(first, first + windowCount);
          expect(dirtyPages[i]).toBe(own.reduce((sum, count) => sum + count, 0));
          expect(durationNs[i]).toBe(windowCount * 1e9);
          expect([startNs, endNs]).toEqual([first * 1e9, (first + windowCount) * 1e9]);
          first += windowCount;
        }
        expect(first).toBe(counts.length);
      },
    ),
  );
});

test("of very many names the largest are reported, and the others are summed up", () => {
  const many = Array.from(
    { length: 3000 },
    (_, i) => `${i * 2 + 1} rw-p /f${i} ${i === 7 ? "DD" : "D"}`,
  );
  const [{ names, dirtyPagesByName, dirtyPages }] = timeSeries(
    seconds(many.filter((_, i) => i !== 8).join("\n")),
  );
  expect(names[0]).toBe("/f7");
  expect(names.at(-1)).toBe(OTHER_NAMES);
  expect(names).toHaveLength(65);
  expect(dirtyPagesByName.reduce((sum, [pages]) => sum + pages, 0)).toBe(dirtyPages[0]);
});

describe.each(RECORDINGS)("the series of the recording %s", (name) => {
  test("adds up to the rate", () => {
    const rates = dirtyRates(openTrace(recordingFile(name)).snapshots);
    for (
      const [i, one] of some(timeSeries(openTrace(recordingFile(name)).snapshots, 10)).entries()
    ) {
      expect(one.dirtyPages.reduce((sum, pages) => sum + pages, 0)).toBe(rates[i].dirtyPages);
      expect(one.durationNs.reduce((sum, ns) => sum + ns, 0)).toBeCloseTo(rates[i].durationNs, 0);
    }
  });
});
