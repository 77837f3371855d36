/**
 * Measures all modes on the kernel that this runs on, and prints a JSON line for each; see `row.ts`.
 * Words on the command line choose the modes whose name holds one of them.
 *
 * @module
 */

import process from "node:process";
import { isProven } from "../../../lib/core/probe_report.ts";
import { TRACKER_KINDS } from "../../../lib/core/snapshot.ts";
import { thisKernel } from "../../../lib/session/kernel_access.ts";
import { allowChanges } from "./kernel_settings.ts";
import { measure } from "./measure.ts";
import { MODES } from "./modes.ts";
import type { Row } from "./row.ts";
import { Target } from "./target.ts";

function print(row: Row): void {
  console.log(JSON.stringify(row));
}

const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
if (process.argv.includes("--may-change-kernel")) allowChanges();
const modes = MODES.filter(({ name }) =>
  words.length === 0 || words.some((word) => name.includes(word))
);
const kernel = thisKernel();
print({ type: "kernel", release: kernel.release });
for (const tracker of TRACKER_KINDS) {
  const report = kernel.probe(tracker);
  if (!isProven(report)) {
    print({ type: "no-tracker", tracker, reason: report.reason });
    continue;
  }
  let target = await Target.start();
  for (const mode of modes) {
    try {
      print(await measure(kernel, tracker, mode, target));
    } catch (error) {
      console.error(error);
      const message = (error as Error).message;
      const row = { type: "mode", tracker, mode: mode.name, written: 0, changed: 0 } as const;
      print({ ...row, readings: [], error: message });
      // Whatever state it is in is not to be the state that the next mode begins with.
      await target.end();
      target = await Target.start();
    }
  }
  await target.end();
}
print({ type: "end" });
process.exit(0);
