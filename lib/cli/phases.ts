/**
 * `softdirty phases`: when do processes change how they write?
 *
 * @module
 */

import { measureCommand } from "./measure.ts";

/** Builds the command. */
export function phasesCommand() {
  return measureCommand(
    "phases",
    "find phases: when a process changes how fast, or where, it writes",
    async () => {
      const { phases } = await import("../analysis/phases.ts");
      const { phasesCsv, phasesText } = await import("../report/phases_text.ts");
      return { of: phases, text: phasesText, csv: phasesCsv };
    },
  );
}
