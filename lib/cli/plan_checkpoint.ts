/**
 * `softdirty plan checkpoint`: what would incremental checkpoints write?
 *
 * @module
 */

import { Option } from "@commander-js/extra-typings";
import { parseBytesPerSecond, parseDurationNs, parseDurationsNs } from "./arguments.ts";
import { measureBase, printMeasure } from "./measure.ts";

/** Builds the command. */
export function planCheckpointCommand() {
  return measureBase(
    "checkpoint",
    "forecast the size of incremental checkpoints, and how often to take one",
  )
    .addOption(
      new Option("--interval <durations>", "from one to the next, as in 1s,10s,60s")
        .argParser(parseDurationsNs).default([1e9, 10e9, 60e9], "1s,10s,60s"),
    )
    .addOption(
      new Option("--write-speed <rate>", "how fast a checkpoint is written")
        .argParser(parseBytesPerSecond).default(500 * 2 ** 20, "500MB/s"),
    )
    .addOption(
      new Option("--failure-each <duration>", "mean time between failures")
        .argParser(parseDurationNs).default(86_400e9, "24h"),
    )
    .action((file, options) =>
      printMeasure(file, options, async () => {
        const { planCheckpoints } = await import("../analysis/planners/checkpoint.ts");
        const { checkpointCsv, checkpointText } = await import("../report/checkpoint_text.ts");
        const { interval: intervalsNs, writeSpeed: bytesPerSecond } = options;
        const asked = { intervalsNs, bytesPerSecond, failureNs: options.failureEach };
        return {
          of: (snapshots) => planCheckpoints(snapshots, asked),
          text: checkpointText,
          csv: checkpointCsv,
          hasTotal: true,
        };
      })
    );
}
