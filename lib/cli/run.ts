/**
 * `softdirty run`: a script with `sd` in place, live or over a trace.
 *
 * @module
 */

import { Command } from "@commander-js/extra-typings";
import { parsePid } from "./arguments.ts";
import { openForReading } from "./reading.ts";
import {
  carefulOption,
  forceOption,
  freezeOption,
  keepHugeOption,
  trackerOption,
} from "./tracker_options.ts";

/** Builds the command. */
export function runCommand() {
  return new Command("run")
    .description("run a script that uses sd, live or (--replay) over a trace")
    .usage("[options] SCRIPT [-- ARGS...]")
    .argument("<script>", "a JavaScript or TypeScript module")
    .argument("[args...]", "what the script finds in process.argv and its default export gets")
    .option("-p, --pid <pid>", "the process to use when no pid is given", parsePid)
    .option("--replay <file>", "replay a trace instead of tracking a live process")
    .option("-o, --output <file>", "the trace to write (default: a new file in recordings/)")
    .addOption(trackerOption())
    .addOption(keepHugeOption())
    .addOption(freezeOption())
    .addOption(forceOption())
    .addOption(carefulOption())
    .action(async (script, args, options, self) => {
      if (options.output === "-") {
        return self.error("error: -o - is for record; name a file here");
      }
      const { runScript } = await import("../repl/run_script.ts");
      const { replay: file, ...live } = options;
      const replay = file === undefined ? undefined : await openForReading(file);
      await runScript(script, args, { ...live, replay });
    });
}
