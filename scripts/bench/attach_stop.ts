/**
 * The time for which a target is stopped when uffd-wp attaches to it, against the time of the whole attach;
 * also for a target that has more busy threads than there are processors.
 *
 * @module
 */

import { cpus } from "node:os";
import { type Contest, RUNTIMES } from "./contest.ts";
import { median, ms } from "./figures.ts";
import type { HelperProcess } from "./helper_process.ts";

const ROUNDS = 101;
const MAPPINGS = 500;

/** Runs and prints it. */
export async function attachStop(contest: Contest): Promise<void> {
  console.log(`\n== attach: ${MAPPINGS} mappings; medians of ${ROUNDS} rounds`);
  await stops(contest, contest.peer("mappings", MAPPINGS));
  const threads = cpus().length + 1;
  console.log(`\n== attach: ${threads} busy threads on ${threads - 1} processors`);
  await stops(contest, contest.peer("busy", threads));
}

async function stops(contest: Contest, target: HelperProcess): Promise<void> {
  await target.line();
  for (const runtime of RUNTIMES) {
    const ours = contest.ours(runtime, target.pid);
    const times: number[] = [];
    const stops: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      const [ns, stoppedNs] = (await ours.ask("attach")).split(" ").map(Number);
      times.push(ns);
      stops.push(stoppedNs);
    }
    await ours.end();
    const ascending = stops.toSorted((a, b) => a - b);
    console.log(`${runtime}
  attach  ${ms(median(times))} with registering and protecting
  stopped ${ms(median(stops))} (less than 2 ms): ${
      (median(stops) / median(times)).toFixed(3)
    } of it; 9 of 10 below ${ms(ascending[Math.floor(ROUNDS * 0.9)])}, at most ${
      ms(ascending[ROUNDS - 1])
    }`);
  }
  await target.end();
}
