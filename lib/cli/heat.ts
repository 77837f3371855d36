/**
 * `softdirty heat`: when was which memory written?
 *
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { parseCount } from "./arguments.ts";
import { measureBase, printMeasure } from "./measure.ts";

/** Builds the command. */
export function heatCommand() {
  return measureBase(
    "heat",
    "draw a heat map of writes: time to the right, addresses downwards",
  )
    .addOption(
      new Option("--width <columns>", "width in characters (default: the terminal's)")
        .argParser(parseCount),
    )
    .addOption(
      new Option("--height <lines>", "lines of the map (default: 24)").argParser(parseCount),
    )
    .action((file, options) =>
      printMeasure(file, options, async () => {
        const { heatMaps } = await import("../analysis/heat.ts");
        const { heatCsv, heatText } = await import("../report/heat_text.ts");
        const { heatStyle } = await import("../report/heat_style.ts");
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
