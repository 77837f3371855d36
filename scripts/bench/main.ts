/**
 * `npm run bench`: races as ratios. Rounds of both sides take turns, so that a machine whose speed
 * drifts does not change a ratio. `npm run bench -- take` runs one of them.
 *
 * @module
 */

import { cpus, release, totalmem } from "node:os";
import process from "node:process";
import { attachStop } from "./attach_stop.ts";
import { Contest } from "./contest.ts";
import { readRace } from "./read_race.ts";
import { recorderCost } from "./recorder_cost.ts";
import { reportPage } from "./report_page.ts";
import { startup } from "./startup.ts";
import { replayRace, seekRace } from "./replay_race.ts";
import { takeRace } from "./take_race.ts";
import { traceSize } from "./trace_size.ts";

const GIB = Number(process.env.BENCH_GIB ?? 8);
const RACES: Readonly<Record<string, (contest: Contest) => Promise<void>>> = {
  read: (contest) => readRace(contest, GIB),
  take: (contest) => takeRace(contest, GIB),
  attach: attachStop,
  size: traceSize,
  replay: replayRace,
  seek: seekRace,
  cost: recorderCost,
  startup,
  report: reportPage,
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in RACES));
if (unknown !== undefined) {
  console.error(`There is no race ${unknown}; there are ${Object.keys(RACES).join(", ")}`);
  process.exit(2);
}
const contest = new Contest();
try {
  console.log(
    `${cpus()[0].model}, ${cpus().length} cores, ${
      (totalmem() / 2 ** 30).toFixed(0)
    } GiB, Linux ${release()}, Deno ${process.versions.deno}`,
  );
  for (const [name, race] of Object.entries(RACES)) {
    if (wanted.length === 0 || wanted.includes(name)) await race(contest);
  }
} finally {
  contest.close();
}
