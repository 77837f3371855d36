/**
 * `softdirty diff`: what changed between two snapshots of a trace.
 *
 * @module
 */

import { Command } from "@commander-js/extra-typings";
import { parseIndex, parsePid } from "./arguments.ts";
import { EXPRESSION_HELP, FILTER_OPTIONS, toFilter } from "./filter_options.ts";
import { jsonLines, print, printPieces } from "./output.ts";
import { openForReading } from "./reading.ts";

/** Builds the command. */
export function diffCommand() {
  return new Command("diff")
    .description("compare two snapshots of a trace: pages, and mappings that came, went or changed")
    .argument("<file>", "a trace")
    .argument("<before>", "number of the earlier snapshot", parseIndex)
    .argument("<after>", "number of the later snapshot; -1 is the last", parseIndex)
    .option("-p, --pid <pid>", "count only the snapshots of this process", parsePid)
    .addOption(FILTER_OPTIONS.expression)
    .addOption(FILTER_OPTIONS.mapping)
    .addOption(FILTER_OPTIONS.perms)
    .addOption(FILTER_OPTIONS.minAddress)
    .addOption(FILTER_OPTIONS.maxAddress)
    .addOption(FILTER_OPTIONS.minSize)
    .option("--explain", "also show why pages are reported")
    .option("--json", "print JSON")
    .addHelpText("after", EXPRESSION_HELP)
    .action(async (file, before, after, options) => {
      const { diffSnapshots } = await import("../core/diff.ts");
      const { snapshotOf } = await import("../trace/of_process.ts");
      const trace = await openForReading(file);
      const filter = await toFilter(options);
      const at = (index: number) =>
        options.pid === undefined ? trace.at(index) : snapshotOf(trace, options.pid, index);
      const diff = diffSnapshots(filter(at(before)), filter(at(after)));
      if (options.json) {
        await printPieces(jsonLines([(await import("../report/json.ts")).diffJson(diff)]));
      } else {
        print((await import("../report/diff_text.ts")).diffText(diff));
        if (options.explain) {
          print(`\n${(await import("../report/explanation_text.ts")).explainedDiffText(diff)}`);
        }
      }
    });
}
