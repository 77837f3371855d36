/**
 * `softdirty hot`: which pages are written most often.
 *
 * @module
 */

import { measureCommand } from "./measure.ts";

/** Builds the command. */
export function hotCommand() {
  return measureCommand(
    "hot",
    "tell which pages processes write to most often, and since when they are cold",
    async () => {
      const { hotPages } = await import("../analysis/hot.ts");
      const { hotCsv, hotText } = await import("../report/hot_text.ts");
      return { of: (snapshots) => hotPages(snapshots), text: hotText, csv: hotCsv };
    },
  );
}
