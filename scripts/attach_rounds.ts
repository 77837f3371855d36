/**
 * `npm run attach-rounds`: attaches to each kind of target a thousand times, cuts off two hundred of
 * the rounds with SIGKILL, kills the tool once at each step, and prints what was seen. The tests do the
 * same with fewer rounds. Other numbers of rounds and kills may be given as arguments.
 *
 * @module
 */

import process from "node:process";
import Table from "cli-table3";
import { ATTACH_STEPS } from "../lib/kernel/inject/attach_sequence.ts";
import { probeUffdWp } from "../lib/kernel/probe_uffd_wp.ts";
import { ProcFs } from "../lib/kernel/proc/proc_fs.ts";
import { attachRounds, killAtEachStep, type RoundsSeen } from "../test/live_uffd/rounds.ts";
import { TARGET_KINDS } from "../test/live_uffd/targets.ts";

const [rounds = 1000, kills = 200] = process.argv.slice(2).map(Number);

function milliseconds(sortedNs: readonly number[], part: number): string {
  const atNs = sortedNs[Math.min(sortedNs.length - 1, Math.floor(sortedNs.length * part))];
  return (atNs / 1e6).toFixed(2);
}

function print(seen: ReadonlyMap<string, RoundsSeen>): void {
  const names = [...seen.keys()];
  const all = [...seen.values()];
  const table = new Table({ head: ["", ...names], style: { head: [], compact: true } });
  const row = (title: string, cell: (one: RoundsSeen) => string | number) =>
    table.push([title, ...all.map(cell)]);
  row("rounds", (one) => one.rounds);
  row("cut off by SIGKILL", (one) => one.kills);
  row("killed once at each step", () => ATTACH_STEPS.length);
  const stop = (part: number) => (one: RoundsSeen) =>
    milliseconds(one.stopsNs.toSorted((a, b) => a - b), part);
  row("stop, median, ms", stop(0.5));
  row("stop, 95 %, ms", stop(0.95));
  row("stop, longest, ms", stop(1));
  for (const step of [...ATTACH_STEPS, "registering"]) {
    row(`cut off after "${step}"`, (one) => one.killedAfter.get(step) ?? 0);
  }
  console.log(table.toString());
}

const { works, reason } = probeUffdWp(new ProcFs());
if (!works) throw new Error(reason);
const seen = new Map<string, RoundsSeen>();
for (const { name, lacks, start } of TARGET_KINDS) {
  if (lacks !== undefined) throw new Error(`${name}: ${lacks}`);
  const target = await start();
  try {
    await killAtEachStep(target);
    const onProgress = (one: RoundsSeen) => {
      if (one.kills % 50 === 0) console.log(`${name}: ${one.rounds} rounds, ${one.kills} cut off`);
    };
    seen.set(name, await attachRounds(target, { rounds, kills, onProgress }));
  } finally {
    await target.end();
  }
}
print(seen);
console.log(
  "Each target lives, answers, computes the same, and has the threads, masks and files it had",
);
