/**
 * Everything that softdirty measures and forecasts.
 *
 * @module
 */

import { compareTraces } from "../../lib/analysis/compare.ts";
import { dirtyMappings } from "../../lib/analysis/dirty_mappings.ts";
import { heatMaps } from "../../lib/analysis/heat.ts";
import { hotPages } from "../../lib/analysis/hot.ts";
import { phases } from "../../lib/analysis/phases.ts";
import { planCheckpoints } from "../../lib/analysis/planners/checkpoint.ts";
import { planForks } from "../../lib/analysis/planners/fork.ts";
import { planMigrations } from "../../lib/analysis/planners/migrate.ts";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { workingSets } from "../../lib/analysis/working_set.ts";
import type { Snapshot } from "../../lib/core/snapshot.ts";
import { checkpointCsv, checkpointText } from "../../lib/report/checkpoint_text.ts";
import { comparisonCsv, comparisonText } from "../../lib/report/comparison_text.ts";
import { dirtyMappingsCsv, dirtyMappingsText } from "../../lib/report/dirty_mappings_text.ts";
import { forkCsv, forkText } from "../../lib/report/fork_text.ts";
import { heatCsv, heatText } from "../../lib/report/heat_text.ts";
import { hotCsv, hotText } from "../../lib/report/hot_text.ts";
import { migrationCsv, migrationText } from "../../lib/report/migration_text.ts";
import { phasesCsv, phasesText } from "../../lib/report/phases_text.ts";
import { rateCsv, rateText } from "../../lib/report/rate_text.ts";
import { workingSetCsv, workingSetText } from "../../lib/report/working_set_text.ts";

const STYLE = { width: 80, height: 24, isColored: true };

/** A measure in all its forms, for any type of result. */
function measure<T>(
  of: (snapshots: Iterable<Snapshot>) => readonly T[],
  text: (result: T) => string,
  csv: (results: readonly T[]) => string,
) {
  return (snapshots: Iterable<Snapshot>): string => {
    const results = of(snapshots);
    return [...results.map(text), csv(results), JSON.stringify(results)].join("\n");
  };
}

/** Each of them: what it says of snapshots. */
export const ALL_MEASURES = [
  measure(dirtyRates, rateText, rateCsv),
  measure(workingSets, workingSetText, workingSetCsv),
  measure(heatMaps, (map) => heatText(map, STYLE), heatCsv),
  measure(hotPages, hotText, hotCsv),
  measure(dirtyMappings, dirtyMappingsText, dirtyMappingsCsv),
  measure(phases, phasesText, phasesCsv),
  measure((all) => compareTraces(all, all), comparisonText, comparisonCsv),
  measure(planMigrations, migrationText, migrationCsv),
  measure(planCheckpoints, checkpointText, checkpointCsv),
  measure(planForks, forkText, forkCsv),
] as const;
