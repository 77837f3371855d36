/**
 * `softdirty filter`: the snapshots of a trace, narrowed to some mappings and addresses.
 *
 * @module
 */

import { Command } from "@commander-js/extra-typings";
import { parseIndex, parsePid } from "./arguments.ts";
import { plainJson, plainText } from "../core/plain_text.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { describeFilter, EXPRESSION_HELP, FILTER_OPTIONS, toFilter } from "./filter_options.ts";
import { jsonLines, lines, note, printPieces } from "./output.ts";
import { forceOption, outputName, printerFor } from "./output_options.ts";
import { openForReading, passOver } from "./reading.ts";

/** What it takes to look at a mapping, and to find whether it has dirty pages. */
const WORK_OF_MAPPING = 6;
/** What it takes to print a mapping, or a run of pages, as JSON, over what it takes to look at a mapping. */
const WORK_OF_JSON = 256;
const WORK_OF_JSON_RUN = 128;
/** What it takes to lay out a character of a table: some 2 microseconds. */
const WORK_OF_CHARACTER = 30;
/** A snapshot of no more mappings and runs is one piece of JSON, which takes a third of the time. */
const FEW_PARTS = 256;

/** Builds the command. */
export function filterCommand() {
  return new Command("filter")
    .description("show the snapshots of a trace, or the parts that match conditions")
    .argument("<file>", "a trace")
    .option("-s, --snapshot <number>", "only this snapshot; -1 is the last", parseIndex)
    .option("-p, --pid <pid>", "only snapshots of this process", parsePid)
    .addOption(FILTER_OPTIONS.expression)
    .addOption(FILTER_OPTIONS.mapping)
    .addOption(FILTER_OPTIONS.perms)
    .addOption(FILTER_OPTIONS.minAddress)
    .addOption(FILTER_OPTIONS.maxAddress)
    .addOption(FILTER_OPTIONS.minSize)
    .option("--pages", "list the dirty pages that exist: address, count, mapping")
    .option("--explain", "show why pages are reported")
    .option("--json", "print a line of JSON for each snapshot")
    .option("-o, --output <file>", "write the result as a new trace; - is standard output")
    .addOption(forceOption())
    .addHelpText("after", EXPRESSION_HELP)
    .action(async (file, options) => {
      const { boundsOf } = await import("../files/memory_guard.ts");
      const { Snapshot: SnapshotClass } = await import("../core/snapshot.ts");
      const { explanationText } = await import("../report/explanation_text.ts");
      const { snapshotText } = await import("../report/snapshot_text.ts");
      const { snapshotJson } = await import("../report/json.ts");
      const { runLines } = await import("../report/runs_text.ts");
      const { runCountOf } = await import("../trace/pages_codec.ts");
      const { output, force } = options;
      if (output !== undefined) {
        const { assertCreatable } = await import("../files/outputs.ts");
        assertCreatable(output, { force, isBinary: true, makesFolders: true });
      }
      const trace = await openForReading(file);
      const select = await toFilter(options);
      if (output !== undefined) {
        const { filterTrace } = await import("../files/filter_trace.ts");
        const only = options.snapshot === undefined ? undefined : trace.at(options.snapshot).index;
        const keep = (snapshot: Snapshot) => {
          const isMeant = (options.pid ?? snapshot.process.pid) === snapshot.process.pid &&
            (only ?? snapshot.index) === snapshot.index;
          return isMeant ? select(snapshot) : undefined;
        };
        const filter = describeFilter(options);
        const { snapshotCount, ofCount } = filterTrace(trace, output, keep, {
          filter,
          onDamaged: passOver,
          force,
        });
        const name = plainText(outputName(output));
        printerFor(output)(`${snapshotCount} of ${ofCount} snapshots in ${name}`);
        return;
      }
      const spend = boundsOf(trace);
      const events = options.snapshot === undefined
        ? trace.events(passOver, spend)
        : [trace.at(options.snapshot)];
      let isMatched = false;
      const pieces = function* () {
        for (const event of events) {
          if (!(event instanceof SnapshotClass)) continue;
          if (options.pid !== undefined && event.process.pid !== options.pid) continue;
          spend(WORK_OF_MAPPING * event.vmas.length);
          const snapshot = select(event);
          isMatched ||= snapshot.vmas.length > 0;
          if (options.json) {
            const runCount = runCountOf(snapshot.pages);
            spend(WORK_OF_JSON * snapshot.vmas.length + WORK_OF_JSON_RUN * runCount);
            const isSmall = snapshot.vmas.length + runCount <= FEW_PARTS;
            if (isSmall) yield `${plainJson(snapshotJson(snapshot))}\n`;
            else yield* jsonLines([snapshotJson(snapshot)]);
          } else if (options.pages) yield* lines(runLines(snapshot));
          else {
            const text = options.explain
              ? explanationText(snapshot.explain())
              : snapshotText(snapshot);
            if (options.snapshot === undefined) spend(WORK_OF_CHARACTER * text.length);
            yield `${text}\n\n`;
          }
        }
      };
      await printPieces(pieces());
      if (!isMatched) note("softdirty: no mapping of any snapshot meets the conditions");
    });
}
