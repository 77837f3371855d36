/**
 * `softdirty heat`: when was which memory written?
 *
 * @module
 */

import { Command, Option } from "@commander-js/extra-typings";
import { parseCount } from "./arguments.ts";
import { EXPRESSION_HELP } from "./filter_options.ts";
import { MEASURE_OPTIONS, printMeasure } from "./measure.ts";

/** Builds the command. */
export function heatCommand() {
  return new Command("heat")
    .description("draw when which memory was written: time to the right, addresses downwards")
    .argument("<file>", "a trace")
    .addOption(MEASURE_OPTIONS.expression)
    .addOption(
      new Option("--width <columns>", "characters in a line (default: the terminal's)")
        .argParser(parseCount),
    )
    .addOption(
      new Option("--height <lines>", "lines of the map (default: 24)").argParser(parseCount),
    )
    .addOption(MEASURE_OPTIONS.json)
    .addOption(MEASURE_OPTIONS.csv)
    .addHelpText("after", EXPRESSION_HELP)
    .action((file, options) =>
      printMeasure(file, options, async () => {
        const { heatMaps } = await import("../analysis/heat.ts");
        const { heatCsv, heatText } = await import("../report/heat_text.ts");
        const { heatStyle } = await import("../repl/heat_style.ts");
        const { width, height, ...style } = heatStyle();
        const asked = { width: options.width ?? width, height: options.height ?? height };
        return {
          // Finer than a terminal can show, so that what is said in words is as exact.
          of: (snapshots) => heatMaps(snapshots, options.json || options.csv ? {} : { rows: 8192 }),
          text: (map) => heatText(map, { ...style, ...asked }),
          csv: heatCsv,
        };
      })
    );
}
