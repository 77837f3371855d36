/**
 * Every measure and plan, for tests of what all of them must do.
 *
 * @module
 */

import { dirtyMappings } from "../../lib/analysis/dirty_mappings.ts";
import { heatMaps } from "../../lib/analysis/heat.ts";
import { hotPages } from "../../lib/analysis/hot.ts";
import { phases } from "../../lib/analysis/phases.ts";
import { planCheckpoints } from "../../lib/analysis/planners/checkpoint.ts";
import { planForks } from "../../lib/analysis/planners/fork.ts";
import { planMigrations } from "../../lib/analysis/planners/migrate.ts";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import type { Covered } from "../../lib/analysis/windows.ts";
import { workingSets } from "../../lib/analysis/working_set.ts";
import type { SnapshotSeries } from "../../lib/core/untracked_process.ts";
import { checkpointCsv, checkpointText } from "../../lib/report/checkpoint_text.ts";
import { dirtyMappingsCsv, dirtyMappingsText } from "../../lib/report/dirty_mappings_text.ts";
import { forkCsv, forkText } from "../../lib/report/fork_text.ts";
import { heatCsv, heatText } from "../../lib/report/heat_text.ts";
import { hotCsv, hotText } from "../../lib/report/hot_text.ts";
import { migrationCsv, migrationText } from "../../lib/report/migration_text.ts";
import { phasesCsv, phasesText } from "../../lib/report/phases_text.ts";
import { rateCsv, rateText } from "../../lib/report/rate_text.ts";
import { workingSetCsv, workingSetText } from "../../lib/report/working_set_text.ts";

/** Every measure and plan, with its text and its CSV. */
export const EVERY_MEASURE: readonly {
  readonly name: string;
  readonly of: (snapshots: SnapshotSeries) => readonly Covered[];
  readonly text: (result: never) => string;
  readonly csv: (results: never) => string;
}[] = [
  { name: "rate", of: dirtyRates, text: rateText, csv: rateCsv },
  { name: "wss", of: workingSets, text: workingSetText, csv: workingSetCsv },
  { name: "hot", of: (all) => hotPages(all), text: hotText, csv: hotCsv },
  { name: "by-mapping", of: dirtyMappings, text: dirtyMappingsText, csv: dirtyMappingsCsv },
  {
    name: "heat",
    of: (all) => heatMaps(all),
    text: (map: never) => heatText(map, { width: 80, height: 8, isColored: false }),
    csv: heatCsv,
  },
  { name: "phases", of: phases, text: phasesText, csv: phasesCsv },
  {
    name: "plan migrate",
    of: (all) => planMigrations(all),
    text: migrationText,
    csv: migrationCsv,
  },
  {
    name: "plan checkpoint",
    of: (all) => planCheckpoints(all, { intervalsNs: [1e9] }),
    text: checkpointText,
    csv: checkpointCsv,
  },
  {
    name: "plan fork",
    of: (all) => planForks(all, { durationNs: 5e8 }),
    text: forkText,
    csv: forkCsv,
  },
];
