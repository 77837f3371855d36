/**
 * `softdirty log`: the events of a trace in order.
 *
 * @module
 */

import { Command } from "@commander-js/extra-typings";
import { note, noteFailure, print, printJson } from "./output.ts";

/** Builds the command. */
export function logCommand() {
  return new Command("log")
    .description("list the events of a trace: clears, reads, marks, exits")
    .argument("<file>", "a trace")
    .option("--json", "print a line of JSON for each event")
    .action(async (file, { json }) => {
      const { openTrace } = await import("../session/sd.ts");
      const { eventLine, problemLines } = await import("../report/event_text.ts");
      const { eventJson } = await import("../report/json.ts");
      const trace = openTrace(file);
      for (const event of trace.events(noteFailure)) {
        if (json) printJson(eventJson(event));
        else print(eventLine(event));
      }
      for (const line of problemLines(trace)) note(line);
    });
}
