/**
 * Attaches to the process of the first argument, and is killed after the step of the second.
 *
 * @module
 */

import process from "node:process";
import { attach } from "../../lib/kernel/inject/attach.ts";
import { currentArch } from "../../lib/kernel/inject/current_arch.ts";
import { ProcFs } from "../../lib/kernel/proc/proc_fs.ts";

const [pid, deadly] = process.argv.slice(2);
attach(new ProcFs(), Number(pid), currentArch()!, {
  onStep: (step) => {
    if (step === deadly) process.kill(process.pid, "SIGKILL");
  },
});
