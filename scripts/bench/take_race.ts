/**
 * `sd.take` with uffd-wp, against a C program that reads the pagemap of the same process.
 *
 * @module
 */

import { type Contest, RUNTIMES } from "./contest.ts";
import { median, ms } from "./figures.ts";
import type { HelperProcess } from "./helper_process.ts";

const ROUNDS = 41;
/** The runtimes compile meanwhile, and the C library learns how much memory it had better keep. */
const WARM_UP = 20;
/** One page in so many is written before each take. */
const SHARE = 100;

/** Runs and prints it. */
export async function takeRace(contest: Contest, gib: number): Promise<void> {
  console.log(
    `\n== take: ${gib} GiB resident, one page in ${SHARE} written at random before each; ` +
      `medians of ${ROUNDS} rounds`,
  );
  const target = contest.peer("target", gib, 0);
  await target.line();
  const c = contest.peer("read_pagemap", target.pid);
  for (const runtime of RUNTIMES) await race(runtime, contest.ours(runtime, target.pid), target, c);
  await c.end();
  await target.end();
}

async function race(
  runtime: string,
  ours: HelperProcess,
  target: HelperProcess,
  c: HelperProcess,
): Promise<void> {
  await ours.ask("take"); // attaches, and protects all pages
  const times = { c: [] as number[], take: [] as number[] };
  const ratios: number[] = [];
  for (let i = -WARM_UP; i < ROUNDS; i++) {
    const written = Number(await target.ask(String(SHARE)));
    const [takeNs, found] = (await ours.ask("take")).split(" ").map(Number);
    const cNs = Number((await c.ask("")).split(" ")[1]);
    // Besides those, the target writes to its stack and to the buffers of its input and output.
    if (found < written || found > written + 64) {
      throw new Error(`${runtime} found ${found} pages of ${written} written`);
    }
    if (i < 0) continue;
    times.c.push(cNs);
    times.take.push(takeNs);
    ratios.push(cNs / takeNs);
  }
  await ours.end();
  console.log(
    `${runtime}\n  take    ${ms(median(times.take))}, C ${ms(median(times.c))}: ${
      median(ratios).toFixed(1)
    } times faster (at least 10)`,
  );
}
