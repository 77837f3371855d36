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
    .argument(
      "<file>",
      "a trace; of a rotated recording all of its files, by the name without a number",
    )
    .option("--json", "print JSON, a line for each file")
    .action(async (file, { json }) => {
      const { repairRecording } = await import("../files/repair_trace.ts");
      const { repairText } = await import("../report/repair_text.ts");
      for (const { file: one, ...outcome } of repairRecording(file)) {
        if (json) {
          const { index, eventCount, problems, leftOut, backup = null } = outcome;
          printJson({ file: one, index, eventCount, problems, leftOut, backup });
        } else print(repairText(one, outcome));
        if (outcome.index === "no header" || outcome.problems.length > 0) process.exitCode = 1;
      }
    });
}
