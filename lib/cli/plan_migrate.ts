/**
 * `softdirty plan migrate`: would a live migration converge, and how long would it stand still?
 *
 * @module
 */

import { Command, Option } from "@commander-js/extra-typings";
import { parseBytesPerSecond, parseDurationNs } from "./arguments.ts";
import { EXPRESSION_HELP } from "./filter_options.ts";
import { MEASURE_OPTIONS, printMeasure } from "./measure.ts";

/** Builds the command. */
export function planMigrateCommand() {
  return new Command("migrate")
    .description("replay pre-copy rounds: does a live migration converge, and with which downtime?")
    .argument("<file>", "a trace")
    .addOption(
      new Option("--bandwidth <rate>", "of the link, as in 10Gbit or 500MB/s (MB: powers of 1024)")
        .argParser(parseBytesPerSecond).default(1.25e9, "10Gbit"),
    )
    .addOption(
      new Option("--max-downtime <duration>", "for how long it may stand still")
        .argParser(parseDurationNs).default(300e6, "300ms"),
    )
    .addOption(MEASURE_OPTIONS.expression)
    .addOption(MEASURE_OPTIONS.json)
    .addOption(MEASURE_OPTIONS.csv)
    .addHelpText("after", EXPRESSION_HELP)
    .action((file, options) =>
      printMeasure(file, options, async () => {
        const { planMigrations } = await import("../analysis/planners/migrate.ts");
        const { migrationCsv, migrationText } = await import("../report/migration_text.ts");
        const { bandwidth: bytesPerSecond, maxDowntime: maxDowntimeNs } = options;
        return {
          of: (snapshots) => planMigrations(snapshots, { bytesPerSecond, maxDowntimeNs }),
          text: migrationText,
          csv: migrationCsv,
        };
      })
    );
}
