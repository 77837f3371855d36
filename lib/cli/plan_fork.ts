/**
 * `softdirty plan fork`: how much memory would a fork cost?
 *
 * @module
 */

import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { parseDurationNs } from "./arguments.ts";
import { measureBase, printMeasure } from "./measure.ts";

/** Builds the command. */
export function planForkCommand() {
  return measureBase("fork", "forecast the memory that is copied while a forked child lives")
    .addOption(
      new Option("--duration <duration>", "how long the child lives")
        .argParser(parseLifeNs).default(5e9, "5s"),
    )
    .action((file, options) =>
      printMeasure(file, options, async () => {
        const { planForks } = await import("../analysis/planners/fork.ts");
        const { forkCsv, forkText } = await import("../report/fork_text.ts");
        const asked = { durationNs: options.duration };
        return { of: (snapshots) => planForks(snapshots, asked), text: forkText, csv: forkCsv };
      })
    );
}

function parseLifeNs(text: string): number {
  const durationNs = parseDurationNs(text);
  if (durationNs > 0) return durationNs;
  throw new InvalidArgumentError("A child that does not live costs nothing.");
}
