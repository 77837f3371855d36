/**
 * For how long a target stands still when uffd-wp attaches to it, against how long all of it takes.
 *
 * @module
 */

import { type Contest, RUNTIMES } from "./contest.ts";
import { median, ms } from "./figures.ts";

const ROUNDS = 101;
const MAPPINGS = 500;

/** Runs and prints it. */
export async function attachStop(contest: Contest): Promise<void> {
  console.log(`\n== attach: ${MAPPINGS} mappings; medians of ${ROUNDS} rounds`);
  const target = contest.peer("mappings", MAPPINGS);
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
    console.log(`${runtime}
  attach  ${ms(median(times))} with registering and protecting
  stopped ${ms(median(stops))} (less than 2 ms): ${
      (median(stops) / median(times)).toFixed(3)
    } of it; at most ${ms(Math.max(...stops))}`);
  }
  await target.end();
}
