/**
 * Attaches to the process of the first argument, and is killed after the step of the second.
 *
 * @module
 */

import process from "node:process";
import { attach } from "../../lib/kernel/inject/attach.ts";
import { thisMachine } from "../../lib/kernel/inject/machines.ts";
import { ProcFs } from "../../lib/kernel/proc/proc_fs.ts";

const [pid, deadly] = process.argv.slice(2);
attach(new ProcFs(), Number(pid), thisMachine()!, {
  onStep: (step) => {
    if (step === deadly) process.kill(process.pid, "SIGKILL");
  },
});
