/** Stops a process and suspends itself, with a guard over both. Arguments: a shell, what it does, a pid. */

import { readFileSync, writeSync } from "node:fs";
import process from "node:process";
import { HoldGuard, type WhenSuspended } from "../../../lib/kernel/freeze/hold_guard.ts";

const [shell, whenSuspended, pid] = process.argv.slice(2);
const release = ["kill", "-CONT", pid];
const guard = new HoldGuard(whenSuspended as WhenSuspended, release, shell);
guard.holding();
process.kill(Number(pid), "SIGSTOP");
while (!/ T /.test(readFileSync(`/proc/${pid}/stat`, "utf8")));
process.kill(process.pid, "SIGSTOP");
const isFirst = guard.hasActed();
process.kill(Number(pid), "SIGCONT");
guard.goesOn();
// Free now: the guard has nothing more to do.
guard.holding();
guard.goesOn();
writeSync(1, `${isFirst} ${guard.hasActed()}\n`);
guard.close();
