import { expect, test } from "vitest";
import { SoftdirtyError } from "../../../lib/core/errors.ts";
import { derivedSeries } from "../../../lib/core/untracked_process.ts";
import { forecastsOf, groupForecasts } from "../../../lib/report/html/forecasts.ts";
import { openTrace } from "../../../lib/session/sd.ts";

const { snapshots } = openTrace("recordings/traces/redis.sdtrace");
const [{ process }] = snapshots;
const all = [{ process, firstWindows: [0] }];

function failing(error: Error) {
  return derivedSeries(snapshots, function* () {
    yield* [...snapshots].slice(0, 2);
    throw error;
  });
}

test("forecasts that would take too much are left out, and the first verdict says why", () => {
  const tooLarge = failing(new SoftdirtyError("too-large", "It asks for too much", "Ask for less"));
  const [{ verdicts, fork, links }] = forecastsOf(tooLarge, all);
  expect(verdicts.migrate).toMatch(/^No forecasts: It asks for too much/);
  expect([verdicts.checkpoint, verdicts.fork, fork]).toEqual(["", "", null]);
  expect(links).toMatchObject({ process, bytesPerSecond: [], firstWindows: [] });
  expect(groupForecasts(tooLarge)).toEqual([verdicts.migrate]);
});

test("another error is no reason to leave forecasts out", () => {
  const error = new SoftdirtyError("damaged", "It is damaged", "Repair it");
  expect(() => forecastsOf(failing(error), all)).toThrow(error);
});

test("other forecasts are those of the commands", () => {
  const [{ verdicts, fork, links }] = forecastsOf(snapshots, all);
  expect(verdicts.migrate).toContain("migrates over 10.0 Gbit/s in");
  expect(verdicts.fork).not.toBe("");
  expect(fork!.momentCount).toBeGreaterThan(0);
  expect(links.bytesPerSecond.length).toBeGreaterThan(0);
});

test("forecasts of pages that lie too far apart are left out, and others of large ones are not", () => {
  const [{ verdicts, fork }] = forecastsOf(snapshots, all, 128);
  expect(verdicts.migrate).toMatch(/^No forecasts: the pages lie too far apart/);
  expect(fork).toBeNull();
  expect(forecastsOf(snapshots, all, 64)[0].fork).not.toBeNull();
});
