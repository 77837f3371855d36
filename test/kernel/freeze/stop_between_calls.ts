/** Sends itself a stop of the terminal in the middle of a call, and says what comes before it stops. */

import process from "node:process";
import { writeSync } from "node:fs";
import { TerminalStop } from "../../../lib/kernel/freeze/terminal_stop.ts";

const stops = ["first\n", "second\n"].map((word) => new TerminalStop(() => writeSync(1, word)));
process.kill(process.pid, "SIGTSTP");
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
writeSync(1, "call ended\n");
process.once("SIGCONT", () => {
  for (const one of stops) one.close();
  writeSync(1, `${process.listenerCount("SIGTSTP")} left\n`);
  process.exit();
});
setInterval(() => {}, 1000);
