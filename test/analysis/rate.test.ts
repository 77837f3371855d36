import { describe, expect, test } from "vitest";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";

/** A window of so many seconds, from a clear that takes a tenth of it to a read that does. */
function window(index: number, seconds: number, drawing: string, fields = {}) {
  const clear = { ...clearAt(index * 1e12), durationNs: seconds * 1e8 };
  const atNs = clear.atNs + seconds * 9e8;
  return snapshot(drawing, {
    atNs,
    durationNs: seconds * 1e8,
    sinceClear: clear,
    index,
    ...fields,
  });
}

const PAGE = 4096;

test("a rate is what was dirty, over the time from the clear to the end of the read", () => {
  const [rate] = dirtyRates([
    window(0, 2, "0x10 rw-p [heap] DDDD\n0x20 rw-p - Dp"),
    window(1, 1, "0x10 rw-p [heap] DDpp\n0x20 rw-p - pp"),
    window(2, 1, "0x10 rw-p [heap] pppp\n0x20 rw-p - dd"),
  ]);
  expect(rate).toMatchObject({
    process: { pid: 42 },
    dirtyPages: 7,
    durationNs: 4e9,
    shortestNs: 3.2e9,
    meanBytesPerSecond: 7 * PAGE / 4,
    bytesPerSecond: { count: 3, min: 0, p50: 2 * PAGE, max: 2.5 * PAGE },
  });
  // Pages of a new mapping count only if they were written.
  expect(rate.mappings.map(({ name, dirtyPages }) => [name, dirtyPages])).toEqual([
    ["[heap]", 6],
    ["", 1],
  ]);
  expect(rate.mappings[1].bytesPerSecond).toMatchObject({ count: 3, p50: 0, max: PAGE / 2 });
});

test("each process has its own rate, and snapshots without a clear before them are left out", () => {
  const other = { process: { pid: 7, startTimeTicks: 1, command: "other" } };
  const rates = dirtyRates([
    snapshot("0x10 rw-p - DDDD", { sinceClear: null }),
    window(0, 1, "0x10 rw-p - D", other),
    window(1, 1, "0x10 rw-p - DD"),
    window(2, 1, "0x10 rw-p - DDD", other),
  ]);
  expect(rates.map(({ process, dirtyPages }) => [process.pid, dirtyPages])).toEqual([[7, 4], [
    42,
    2,
  ]]);
  expect(dirtyRates([])).toEqual([]);
});

describe.each(RECORDINGS)("the rate of the recording %s", (name) => {
  test("adds up: mappings to the whole, and windows to the mean", () => {
    const rates = dirtyRates(openTrace(recordingFile(name)).snapshots);
    expect(rates.length).toBeGreaterThan(0);
    for (const rate of rates) {
      const sum = rate.mappings.reduce((all, one) => all + one.dirtyPages, 0);
      expect(sum).toBe(rate.dirtyPages);
      const { min, p50, max } = rate.bytesPerSecond;
      expect(min <= p50 && p50 <= max).toBe(true);
      expect(rate.meanBytesPerSecond).toBeGreaterThanOrEqual(min);
      expect(rate.meanBytesPerSecond).toBeLessThanOrEqual(max);
      expect(rate.shortestNs).toBeLessThanOrEqual(rate.durationNs);
    }
  });
});
