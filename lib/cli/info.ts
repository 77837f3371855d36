/**
 * `softdirty info`: what a trace is and holds.
 *
 * @module
 */

import { Command } from "@commander-js/extra-typings";
import { print, printJson } from "./output.ts";
import { openForReading } from "./reading.ts";

/** Builds the command. */
export function infoCommand() {
  return new Command("info")
    .description("show where and how a trace was recorded, and what it contains")
    .argument("<file>", "a trace")
    .option("--json", "print JSON")
    .action(async (file, { json }) => {
      const trace = await openForReading(file, true);
      if (json) printJson((await import("../report/json.ts")).traceJson(trace));
      else print((await import("../report/event_text.ts")).traceText(trace));
    });
}
