/**
 * `softdirty doctor`: can this machine track writes, and may this user?
 *
 * @module
 */

import { Command } from "@commander-js/extra-typings";
import { parsePid } from "./arguments.ts";
import { print, printJson } from "./output.ts";

/** Builds the command. */
export function doctorCommand() {
  return new Command("doctor")
    .description("test how this kernel tracks writes, and whether this user is allowed to")
    .option(
      "-p, --pid <pid>",
      "also check whether this process can be tracked, as record does",
      parsePid,
    )
    .option("--json", "print JSON")
    .action(async ({ pid, json }) => {
      const { diagnose } = await import("../session/diagnose.ts");
      const diagnosis = diagnose(pid);
      if (json) printJson(diagnosis);
      else {
        const { diagnosisText } = await import("../report/diagnosis_text.ts");
        print(diagnosisText(diagnosis));
      }
      if (!diagnosis.isReady) process.exitCode = 1;
    });
}
