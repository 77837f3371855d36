/**
 * `softdirty by-mapping`: what processes do to each of their mappings.
 *
 * @module
 */

import { measureCommand } from "./measure.ts";

/** Builds the command. */
export function byMappingCommand() {
  return measureCommand(
    "by-mapping",
    "list mappings: how much of each is there, was written, is new or was renewed, and how fast",
    async () => {
      const { dirtyMappings } = await import("../analysis/dirty_mappings.ts");
      const { dirtyMappingsCsv, dirtyMappingsText } = await import(
        "../report/dirty_mappings_text.ts"
      );
      return { of: dirtyMappings, text: dirtyMappingsText, csv: dirtyMappingsCsv, hasTotal: true };
    },
  );
}
