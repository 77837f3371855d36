/**
 * `softdirty wss`: the writable working sets of the processes of a trace.
 *
 * @module
 */

import { measureCommand } from "./measure.ts";

/** Builds the command. */
export function wssCommand() {
  return measureCommand(
    "wss",
    "show the working set: memory written in windows of several lengths",
    async () => {
      const { workingSets } = await import("../analysis/working_set.ts");
      const { workingSetCsv, workingSetText } = await import("../report/working_set_text.ts");
      return { of: workingSets, text: workingSetText, csv: workingSetCsv, hasTotal: true };
    },
  );
}
