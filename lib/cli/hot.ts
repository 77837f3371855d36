/**
 * `softdirty hot`: which pages are written most often.
 *
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { parseCount } from "./arguments.ts";
import { measureBase, printMeasure } from "./measure.ts";

/** Builds the command. */
export function hotCommand() {
  return measureBase(
    "hot",
    "list the pages that are written most often, and how long others have been cold",
  )
    .addOption(
      new Option("--limit <count>", "N ranges of each process (default: 20)")
        .argParser(parseCount),
    )
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
