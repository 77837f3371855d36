/**
 * `softdirty hot`: which pages are written most often.
 *
 * @module
 */

import { Command, Option } from "@commander-js/extra-typings";
import { parseCount } from "./arguments.ts";
import { EXPRESSION_HELP } from "./filter_options.ts";
import { MEASURE_OPTIONS, printMeasure } from "./measure.ts";

/** Builds the command. */
export function hotCommand() {
  return new Command("hot")
    .description("tell which pages processes write to most often, and since when they are cold")
    .argument("<file>", "a trace")
    .addOption(MEASURE_OPTIONS.expression)
    .addOption(
      new Option("--limit <count>", "tell so many ranges of each process (default: 20)")
        .argParser(parseCount),
    )
    .addOption(MEASURE_OPTIONS.json)
    .addOption(MEASURE_OPTIONS.csv)
    .addHelpText("after", EXPRESSION_HELP)
    .action((file, options) =>
      printMeasure(file, options, async () => {
        const { hotPages } = await import("../analysis/hot.ts");
        const { hotCsv, hotText } = await import("../report/hot_text.ts");
        return {
          of: (snapshots) => hotPages(snapshots, options.limit),
          text: hotText,
          csv: hotCsv,
        };
      })
    );
}
