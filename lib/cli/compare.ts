/**
 * `softdirty compare`: what does a program write to more, or less, than it did before?
 *
 * @module
 */

import { Command, Option } from "@commander-js/extra-typings";
import { parsePercent } from "./arguments.ts";
import { EXPRESSION_HELP, toFilterEach } from "./filter_options.ts";
import { csvPieces, MEASURE_OPTIONS, nothingMeasured, textPieces } from "./measure.ts";
import { jsonLines, note, printPieces } from "./output.ts";
import { openForReading, readableSnapshots } from "./reading.ts";

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
        "--fail-above <percent>",
        "exit with 3 if the dirty rate or the memory grew by more than this, beyond noise (95 %), or if too little was tracked",
      ).argParser(parsePercent),
    )
    .addOption(new Option("--fail-over <percent>").argParser(parsePercent).hideHelp())
    .addOption(MEASURE_OPTIONS.expression)
    .addOption(new Option("--json", "print JSON, a line for each command"))
    .addOption(MEASURE_OPTIONS.csv)
    .addHelpText("after", EXPRESSION_HELP)
    .action(async (before, after, options) => {
      const { compareTraces, isGrownBy, isInconclusive, mayBeGrownBy } = await import(
        "../analysis/compare.ts"
      );
      const { comparisonCsv, comparisonText } = await import("../report/comparison_text.ts");
      const filter = await toFilterEach(options);
      const [a, b] = [
        filter(await readableSnapshots(await openForReading(before))),
        filter(await readableSnapshots(await openForReading(after))),
      ];
      const comparisons = compareTraces(a, b);
      if (comparisons.length === 0) {
        note(`softdirty: ${nothingMeasured(options)}`);
      } else if (options.csv) await printPieces(csvPieces(comparisons, comparisonCsv));
      else if (options.json) await printPieces(jsonLines(comparisons));
      else await printPieces(textPieces(comparisons, comparisonText));
      const failAbove = options.failAbove ?? options.failOver;
      if (options.failOver !== undefined) {
        note("softdirty: --fail-over is now called --fail-above");
      }
      if (failAbove === undefined) return;
      const limit = `${failAbove * 100} %`;
      if (!comparisons.some(({ before, after }) => before !== null && after !== null)) {
        note("softdirty: no command is in both traces, so that nothing could be compared");
        process.exitCode = 1;
      } else if (isGrownBy(comparisons, failAbove)) {
        note(`softdirty: grown by more than ${limit}`);
        process.exitCode = GROWN;
      } else if (isInconclusive(comparisons)) {
        note("softdirty: memory or processes were untracked, so that growth cannot be ruled out");
        process.exitCode = GROWN;
      } else if (mayBeGrownBy(comparisons, failAbove)) {
        note(`softdirty: growth by more than ${limit} cannot be ruled out from these windows`);
      }
    });
}
