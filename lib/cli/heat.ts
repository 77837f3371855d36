/**
 * `softdirty heat`: when was which memory written?
 *
 * @module
 */

import { Command, Option } from "@commander-js/extra-typings";
import { parseCount } from "./arguments.ts";
import { EXPRESSION_HELP } from "./filter_options.ts";
import { MEASURE_OPTIONS, printMeasure } from "./measure.ts";

/** Lines of a map, where nothing else is asked for. */
const HEIGHT = 24;
const WIDTH = 80;

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
      new Option("--height <lines>", "lines of the map").argParser(parseCount).default(HEIGHT),
    )
    .addOption(MEASURE_OPTIONS.json)
    .addOption(MEASURE_OPTIONS.csv)
    .addHelpText("after", EXPRESSION_HELP)
    .action((file, options) =>
      printMeasure(file, options, async () => {
        const { heatMaps } = await import("../analysis/heat.ts");
        const { heatCsv, heatText } = await import("../report/heat_text.ts");
        const style = {
          width: options.width ?? process.stdout.columns ?? WIDTH,
          height: options.height,
          isColored: hasTrueColor(),
        };
        return {
          of: (snapshots) => heatMaps(snapshots),
          text: (map) => heatText(map, style),
          csv: heatCsv,
        };
      })
    );
}

/** As terminals tell it that have 24 bits; https://no-color.org goes before. */
function hasTrueColor(): boolean {
  const { NO_COLOR, COLORTERM } = process.env;
  return !NO_COLOR && process.stdout.isTTY && /^(truecolor|24bit)$/.test(COLORTERM ?? "");
}
