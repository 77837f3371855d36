/** Stops the process that it is given, says so, and is killed before it lets it go on. */

import process from "node:process";
import { writeSync } from "node:fs";
import { Freezer } from "../../lib/kernel/freezer.ts";
import { ProcFs } from "../../lib/kernel/proc_fs.ts";

new Freezer(new ProcFs(), () => 0).during(Number(process.argv[2]), () => {
  writeSync(1, "still\n");
  process.kill(process.pid, "SIGKILL");
});
