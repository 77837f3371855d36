/**
 * `softdirty rate`: how fast the processes of a trace dirty memory.
 *
 * @module
 */

import { Command } from "@commander-js/extra-typings";
import { EXPRESSION_HELP, FILTER_OPTIONS, toNarrow } from "./filter_options.ts";
import { note, noteFailure, print, printJson } from "./output.ts";

/** Builds the command. */
export function rateCommand() {
  return new Command("rate")
    .description("tell how fast processes dirty memory: in all, and by mapping")
    .argument("<file>", "a trace")
    .addOption(FILTER_OPTIONS.expression)
    .option("--json", "print JSON, a line for each process")
    .option("--csv", "print CSV")
    .addHelpText("after", EXPRESSION_HELP)
    .action(async (file, options) => {
      const { openTrace } = await import("../session/sd.ts");
      const { snapshotsOf } = await import("../trace/readable.ts");
      const { dirtyRates } = await import("../analysis/rate.ts");
      const { problemLines } = await import("../report/event_text.ts");
      const { rateCsv, rateText } = await import("../report/rate_text.ts");
      const trace = openTrace(file);
      const narrow = await toNarrow(options);
      const rates = dirtyRates(snapshotsOf(trace, noteFailure, narrow));
      if (options.csv) print(rateCsv(rates));
      else {
        for (const rate of rates) {
          if (options.json) printJson(rate);
          else print(`${rateText(rate)}\n`);
        }
      }
      if (rates.length === 0) {
        note("softdirty: no snapshot that was measured from a clear meets the conditions");
      }
      for (const line of problemLines(trace)) note(line);
    });
}
