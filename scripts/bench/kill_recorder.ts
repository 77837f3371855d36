/**
 * `npm run kill-recorder`: kills `softdirty record` 500 times at random moments, and looks at what each
 * left: everything that was complete is there, and `softdirty repair` gives it an index. Then 200 times
 * a recorder that rotates: everything that it acknowledged is read under the name of the recording. The
 * tests do the same with fewer rounds. Other numbers of rounds can be given as arguments.
 *
 * @module
 */

import process from "node:process";
import { probeUffdWp } from "../../lib/kernel/probe_uffd_wp.ts";
import { ProcFs } from "../../lib/kernel/proc/proc_fs.ts";
import { killRecorder, type KillsSeen } from "../../test/live_uffd/kill_recorder.ts";
import {
  killRotatingRecorder,
  type RotatingKillsSeen,
} from "../../test/live_uffd/kill_rotating.ts";

const [rounds = 500, rotatingRounds = 200] = process.argv.slice(2).map(Number);

function text({ rounds, events, states }: KillsSeen): string {
  const left = [...states].map(([state, count]) => `${count} ${state}`).join(", ");
  return `${rounds} rounds: ${left}; ${events} events read`;
}

function rotatingText({ rounds, acknowledged, files, states }: RotatingKillsSeen): string {
  const left = [...states].map(([state, count]) => `${count} ${state}`).join(", ");
  return `${rounds} rounds of a rotating recorder: ${left}; ` +
    `${acknowledged} snapshots that were acknowledged, in ${files} files`;
}

const { works, reason } = probeUffdWp(new ProcFs());
if (!works) throw new Error(reason);
const seen = await killRecorder(rounds, (seen) => {
  if (seen.rounds % 50 === 0) console.log(text(seen));
});
console.log(`${text(seen)}; nothing that was complete is missing`);
const rotating = await killRotatingRecorder(rotatingRounds, (seen) => {
  if (seen.rounds % 50 === 0) console.log(rotatingText(seen));
});
console.log(`${rotatingText(rotating)}; none of them is missing`);
