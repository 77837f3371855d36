/**
 * A snapshot over the file pagemap, against programs in C and in Python that read the same pagemap.
 *
 * @module
 */

import { type Contest, RUNTIMES } from "./contest.ts";
import { mb, median, ms } from "./figures.ts";
import type { HelperProcess } from "./helper_process.ts";

const ROUNDS = 21;
const WARM_UP = 5;
const PYTHON_ROUNDS = 5;
/** One page in so many is not there. */
const HOLE = 100;

/** Runs and prints it. */
export async function readRace(contest: Contest, gib: number): Promise<void> {
  console.log(
    `\n== read: ${gib} GiB resident, one page in ${HOLE} missing at random; ` +
      `medians of ${ROUNDS} rounds`,
  );
  const target = contest.peer("target", gib, HOLE);
  await target.line();
  const c = contest.peer("read_pagemap", target.pid);
  for (const runtime of RUNTIMES) await race(runtime, contest.ours(runtime, target.pid), c);
  const python = contest.pythonPeer("read_pagemap", target.pid);
  const ratios: number[] = [];
  for (let i = 0; i < PYTHON_ROUNDS; i++) {
    const [pythonNs, cNs] = [await python.ask(""), await c.ask("")].map((line) =>
      Number(line.split(" ")[1])
    );
    ratios.push(pythonNs / cNs);
  }
  console.log(`Python    ${median(ratios).toFixed(1)} times the time of C`);
  await python.end();
  await c.end();
  await target.end();
}

async function race(runtime: string, ours: HelperProcess, c: HelperProcess): Promise<void> {
  const idleBytes = Number(await ours.ask("memory"));
  const times = { c: [] as number[], read: [] as number[], record: [] as number[] };
  const ratios = { read: [] as number[], record: [] as number[] };
  let snapshotBytes = 0;
  for (let i = -WARM_UP; i < ROUNDS; i++) {
    const cNs = Number((await c.ask("")).split(" ")[1]);
    const readNs = Number(await ours.ask("read"));
    if (i === -WARM_UP) snapshotBytes = Number(await ours.ask("memory")) - idleBytes;
    const recordNs = Number(await ours.ask("record"));
    if (i < 0) continue;
    times.c.push(cNs);
    times.read.push(readNs);
    times.record.push(recordNs);
    ratios.read.push(readNs / cNs);
    ratios.record.push(recordNs / readNs);
  }
  const peakBytes = Number(await ours.ask("memory")) - idleBytes;
  await ours.end();
  console.log(`${runtime}
  read    ${ms(median(times.read))}, C ${ms(median(times.c))}: ratio ${
    median(ratios.read).toFixed(3)
  } (at most 1.10)
  record  ${ms(median(times.record))}: ${median(ratios.record).toFixed(3)} of a read (at most 1.10)
  memory  first snapshot +${mb(snapshotBytes)}, after ${2 * (ROUNDS + WARM_UP)} snapshots +${
    mb(peakBytes)
  } (less than 64 MB)`);
}
