/**
 * `softdirty plan migrate`: would a live migration converge, and with which downtime?
 *
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { parseBytesPerSecond, parseDurationNs } from "./arguments.ts";
import { measureBase, printMeasure } from "./measure.ts";

/** Builds the command. */
export function planMigrateCommand() {
  return measureBase(
    "migrate",
    "replay pre-copy rounds: does a live migration converge, and with which downtime?",
  )
    .addOption(
      new Option("--bandwidth <rate>", "of the link, as in 10Gbit or 500MB/s (MB: powers of 1024)")
        .argParser(parseBytesPerSecond).default(1.25e9, "10Gbit"),
    )
    .addOption(
      new Option("--max-downtime <duration>", "longest acceptable downtime")
        .argParser(parseDurationNs).default(300e6, "300ms"),
    )
    .action((file, options) =>
      printMeasure(file, options, async () => {
        const { planMigrations } = await import("../analysis/planners/migrate.ts");
        const { migrationCsv, migrationText } = await import("../report/migration_text.ts");
        const { bandwidth: bytesPerSecond, maxDowntime: maxDowntimeNs } = options;
        return {
          of: (snapshots) => planMigrations(snapshots, { bytesPerSecond, maxDowntimeNs }),
          text: migrationText,
          csv: migrationCsv,
          hasTotal: true,
        };
      })
    );
}
