/**
 * Stops the process that it is given, says so, and sends itself a signal before it resumes the process:
 * it is killed, or suspended. A third argument is a signal that the stopped process gets before.
 */

import process from "node:process";
import { writeSync } from "node:fs";
import { Freezer } from "../../../lib/kernel/freeze/freezer.ts";
import { ProcFs } from "../../../lib/kernel/proc/proc_fs.ts";

const [pid, signal, alsoToTarget] = process.argv.slice(2);
const freezer = new Freezer(new ProcFs(), () => 0);
const { isHeld } = freezer.during(Number(pid), () => {
  if (alsoToTarget !== undefined) process.kill(Number(pid), alsoToTarget);
  writeSync(1, "still\n");
  process.kill(process.pid, signal);
});
writeSync(1, `isHeld ${isHeld}\n`);
freezer.release();
