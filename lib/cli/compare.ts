/**
 * `softdirty compare`: what does a program write to more, or less, than it did before?
 *
 * @module
 */

import { Command, Option } from "@commander-js/extra-typings";
import { parsePercent } from "./arguments.ts";
import { EXPRESSION_HELP, toNarrowEach } from "./filter_options.ts";
import { MEASURE_OPTIONS, nothingMeasured } from "./measure.ts";
import { note, noteFailure, print, printJson } from "./output.ts";

/** What the command exits with if something grew by more than was allowed. */
const GROWN = 3;

/** Builds the command. */
export function compareCommand() {
  return new Command("compare")
    .description("compare two traces of the same program, mapping by mapping")
    .argument("<before>", "a trace")
    .argument("<after>", "a later one")
    .addOption(
      new Option(
        "--fail-over <percent>",
        "exit with 3 if the dirty rate or the memory grew by more, for sure",
      ).argParser(parsePercent),
    )
    .addOption(MEASURE_OPTIONS.expression)
    .addOption(new Option("--json", "print JSON, a line for each command"))
    .addOption(MEASURE_OPTIONS.csv)
    .addHelpText("after", EXPRESSION_HELP)
    .action(async (before, after, options) => {
      const { compareTraces, isGrownBy, mayBeGrownBy } = await import("../analysis/compare.ts");
      const { comparisonCsv, comparisonText } = await import("../report/comparison_text.ts");
      const { problemLines } = await import("../report/event_text.ts");
      const { openTrace } = await import("../session/open_trace.ts");
      const { snapshotsOf } = await import("../trace/readable.ts");
      const narrow = await toNarrowEach(options);
      const traces = [before, after].map(openTrace);
      const [a, b] = traces.map((trace) => narrow(snapshotsOf(trace, noteFailure)));
      const comparisons = compareTraces(a, b);
      if (comparisons.length === 0) {
        note(`softdirty: ${nothingMeasured(options)}`);
      } else if (options.csv) print(comparisonCsv(comparisons));
      else {
        for (const one of comparisons) {
          if (options.json) printJson(one);
          else print(`${comparisonText(one)}\n`);
        }
      }
      for (const line of traces.flatMap(problemLines)) note(line);
      if (options.failOver === undefined) return;
      const limit = `${options.failOver * 100} %`;
      if (!comparisons.some(({ before, after }) => before !== null && after !== null)) {
        note("softdirty: no command is in both traces, so that nothing could be compared");
        process.exitCode = 1;
      } else if (isGrownBy(comparisons, options.failOver)) {
        note(`softdirty: grown by more than ${limit}`);
        process.exitCode = GROWN;
      } else if (mayBeGrownBy(comparisons, options.failOver)) {
        note(`softdirty: it may have grown by more than ${limit}; these windows do not tell`);
      }
    });
}
