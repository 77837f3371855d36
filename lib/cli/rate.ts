/**
 * `softdirty rate`: how fast the processes of a trace dirty memory.
 *
 * @module
 */

import { measureCommand } from "./measure.ts";

/** Builds the command. */
export function rateCommand() {
  return measureCommand(
    "rate",
    "show how fast processes dirty memory, in total and by mapping",
    async () => {
      const { dirtyRates } = await import("../analysis/rate.ts");
      const { rateCsv, rateText } = await import("../report/rate_text.ts");
      return { of: dirtyRates, text: rateText, csv: rateCsv, hasTotal: true };
    },
  );
}
