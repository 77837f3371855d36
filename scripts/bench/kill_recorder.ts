/**
 * `npm run kill-recorder`: kills `softdirty record` 500 times at random moments, and looks at what each
 * left: everything that was complete is there, and `softdirty repair` gives it an index. The tests do
 * the same with fewer rounds. Another number of rounds may be given as an argument.
 *
 * @module
 */

import process from "node:process";
import { probeUffdWp } from "../../lib/kernel/probe_uffd_wp.ts";
import { ProcFs } from "../../lib/kernel/proc_fs.ts";
import { killRecorder, type KillsSeen } from "../../test/live_uffd/kill_recorder.ts";

const [rounds = 500] = process.argv.slice(2).map(Number);

function text({ rounds, events, states }: KillsSeen): string {
  const left = [...states].map(([state, count]) => `${count} ${state}`).join(", ");
  return `${rounds} rounds: ${left}; ${events} events read`;
}

const { works, reason } = probeUffdWp(new ProcFs());
if (!works) throw new Error(reason);
const seen = await killRecorder(rounds, (seen) => {
  if (seen.rounds % 50 === 0) console.log(text(seen));
});
console.log(`${text(seen)}; nothing that was complete is missing`);
