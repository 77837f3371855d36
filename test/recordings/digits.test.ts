/**
 * Numbers of real recordings to their last digit, which all runtimes must have. `npm run goldens` rewrites
 * the golden file.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { compareTraces } from "../../lib/analysis/compare.ts";
import { phases } from "../../lib/analysis/phases.ts";
import { planCheckpoints } from "../../lib/analysis/planners/checkpoint.ts";
import { planForks } from "../../lib/analysis/planners/fork.ts";
import { planMigrations } from "../../lib/analysis/planners/migrate.ts";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { workingSets } from "../../lib/analysis/working_set.ts";
import { openTrace } from "../../lib/session/sd.ts";
import type { TraceReader } from "../../lib/trace/reader.ts";
import { goldenFile, recordingFile, RECORDINGS } from "../helpers/recordings.ts";

const GOLDEN = join(dirname(goldenFile("redis")), "digits.txt");

/** A link on which no recording is at its ease. */
const LINK = { bytesPerSecond: 12.5e6, maxDowntimeNs: 50e6 };

/** What is made with logarithms and powers, and what is a mean. */
function numbersOf({ snapshots }: TraceReader): unknown {
  return {
    forks: planForks(snapshots, { durationNs: 0.7e9 }).map((plan) => [
      ...[plan.meanPages, plan.atLeastPages, plan.atMostPages, plan.copiedPages?.p50 ?? null],
    ]),
    migrations: planMigrations(snapshots, LINK).map(({ qemu, xen, formula, ...plan }) => [
      ...[qemu.downtimeNs, qemu.totalNs, xen.totalNs, plan.starts.downtimeNs.p50],
      ...[plan.openDowntimeNs.least, plan.openDowntimeNs.most, plan.neededBytesPerSecond],
      ...[formula.roundCount, formula.sentBytes, formula.downtimeNs, formula.totalNs],
    ]),
    checkpoints: planCheckpoints(snapshots).map(({ bestFullNs }) => bestFullNs),
    phases: phases(snapshots).map((one) => one.phases.map(({ difference }) => difference)),
    rates: dirtyRates(snapshots).map(({ meanBytesPerSecond }) => meanBytesPerSecond),
    workingSets: workingSets(snapshots).map(({ points }) =>
      points.map(({ meanPages }) => meanPages)
    ),
    growths: compareTraces(snapshots, snapshots).map(({ rate }) => [rate.atLeast, rate.atMost]),
  };
}

test("all runtimes have the same numbers of the recordings, to the last digit", () => {
  const found = Object.fromEntries(
    [...RECORDINGS].sort().map((name) => [name, numbersOf(openTrace(recordingFile(name)))]),
  );
  const text = `${JSON.stringify(found, null, 1)}\n`;
  if (process.env.UPDATE_GOLDENS === "1") writeFileSync(GOLDEN, text);
  expect(text).toBe(readFileSync(GOLDEN, "utf8"));
});
