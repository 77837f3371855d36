/**
 * `softdirty repl`: the interactive shell.
 *
 * @module
 */

import { Command } from "@commander-js/extra-typings";
import { parsePid } from "./arguments.ts";
import { note } from "./output.ts";
import { closeRead, openForReading, reportUnread } from "./reading.ts";
import {
  carefulOption,
  forceOption,
  freezeOption,
  keepHugeOption,
  trackerOption,
} from "./tracker_options.ts";

/** Builds the command. */
export function replCommand() {
  return new Command("repl")
    .description("start an interactive shell with sd.clear(pid), sd.read(pid), sd.diff(a, b), ...")
    .option("-p, --pid <pid>", "the process to use when no pid is given", parsePid)
    .option("--replay <file>", "replay a trace instead of tracking a live process")
    .option("-o, --output <file>", "the trace to write (default: a new file in recordings/)")
    .addOption(trackerOption())
    .addOption(keepHugeOption())
    .addOption(freezeOption())
    .addOption(forceOption())
    .addOption(carefulOption())
    .action(async (options, self) => {
      if (options.output === "-") {
        return self.error("error: -o - is for record; name a file here");
      }
      const { startRepl } = await import("../repl/start.ts");
      if (options.replay !== undefined) {
        // The session opens it by itself; what of it cannot be read is known before the first prompt.
        await closeRead(await openForReading(options.replay));
        if (await reportUnread(false)) note("softdirty: what else there is in it is replayed");
      }
      process.exitCode = await startRepl(options);
    });
}
