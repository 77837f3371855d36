/**
 * `softdirty filter`: the snapshots of a trace, narrowed to some mappings and addresses.
 *
 * @module
 */

import { Command } from "@commander-js/extra-typings";
import { parseIndex, parsePid } from "./arguments.ts";
import { FILTER_OPTIONS, toFilter } from "./filter_options.ts";
import { note, print, printJson } from "./output.ts";

/** Builds the command. */
export function filterCommand() {
  return new Command("filter")
    .description("show the snapshots of a trace, or those parts of them that meet conditions")
    .argument("<file>", "a trace")
    .option("-s, --snapshot <number>", "only this snapshot; -1 is the last", parseIndex)
    .option("-p, --pid <pid>", "only snapshots of this process", parsePid)
    .addOption(FILTER_OPTIONS.mapping)
    .addOption(FILTER_OPTIONS.perms)
    .addOption(FILTER_OPTIONS.minAddress)
    .addOption(FILTER_OPTIONS.maxAddress)
    .addOption(FILTER_OPTIONS.minSize)
    .option("--pages", "list the dirty pages that exist: address, count, mapping")
    .option("--json", "print a line of JSON for each snapshot")
    .action(async (file, options) => {
      const { openTrace } = await import("../session/sd.ts");
      const { filterSnapshot } = await import("../core/filter.ts");
      const { snapshotText } = await import("../report/snapshot_text.ts");
      const { snapshotJson } = await import("../report/json.ts");
      const { runLines } = await import("../report/runs_text.ts");
      const { problemLines } = await import("../report/event_text.ts");
      const trace = openTrace(file);
      const conditions = toFilter(options);
      const snapshots = options.snapshot === undefined
        ? trace.snapshots
        : [trace.at(options.snapshot)];
      for (const whole of snapshots) {
        if (options.pid !== undefined && whole.process.pid !== options.pid) continue;
        const snapshot = filterSnapshot(whole, conditions);
        if (options.json) printJson(snapshotJson(snapshot));
        else if (options.pages) { for (const line of runLines(snapshot)) print(line); }
        else print(`${snapshotText(snapshot)}\n`);
      }
      for (const line of problemLines(trace)) note(line);
    });
}
