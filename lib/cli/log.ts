/**
 * `softdirty log`: the events of a trace in order.
 *
 * @module
 */

import { Command } from "@commander-js/extra-typings";
import { parsePid } from "./arguments.ts";
import { plainJson } from "../core/plain_text.ts";
import { lines, printPieces } from "./output.ts";
import { openForReading, passOver } from "./reading.ts";

/** Builds the command. */
export function logCommand() {
  return new Command("log")
    .description("list the events of a trace: clears, reads, marks, and who came and went")
    .argument("<file>", "a trace")
    .option("-p, --pid <pid>", "only events of this process", parsePid)
    .option("--json", "print a line of JSON for each event")
    .action(async (file, { json, pid }) => {
      const { boundsOf } = await import("../files/memory_guard.ts");
      const { pidOf } = await import("../trace/of_process.ts");
      const { eventLine } = await import("../report/event_text.ts");
      const { eventJson } = await import("../report/json.ts");
      const trace = await openForReading(file);
      const events = function* () {
        for (const event of trace.events(passOver, boundsOf(trace))) {
          if (pid !== undefined && pidOf(event) !== pid) continue;
          yield json ? plainJson(eventJson(event)) : eventLine(event);
        }
      };
      await printPieces(lines(events()));
    });
}
