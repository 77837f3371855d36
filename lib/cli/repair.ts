/**
 * `softdirty repair`: gives a trace its index, after its recorder was killed.
 *
 * @module
 */

import { Command } from "@commander-js/extra-typings";
import { print, printJson } from "./output.ts";

/** Builds the command. */
export function repairCommand() {
  return new Command("repair")
    .description("write the index of a trace that was cut off, so that it opens fast again")
    .argument("<file>", "a trace")
    .option("--json", "print JSON")
    .action(async (file, { json }) => {
      const { repairTrace } = await import("../session/repair_trace.ts");
      const outcome = repairTrace(file);
      if (json) {
        const { index, eventCount, problems, leftOut, backup = null } = outcome;
        printJson({ file, index, eventCount, problems, leftOut, backup });
      } else print((await import("../report/repair_text.ts")).repairText(file, outcome));
    });
}
