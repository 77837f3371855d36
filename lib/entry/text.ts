/**
 * `softdirty/text`: results as the command prints them, and as CSV.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { dirtyRates, openTrace } from "../../mod.ts";
 * import { rateCsv } from "./text.ts"; // "softdirty/text"
 *
 * using trace = openTrace("recordings/traces/redis.sdtrace");
 * assert(rateCsv(dirtyRates(trace.snapshots)).startsWith("pid,command,"));
 * ```
 *
 * @module
 */

export { checkpointCsv, checkpointText } from "../report/checkpoint_text.ts";
export { comparisonCsv, comparisonText } from "../report/comparison_text.ts";
export { diagnosisText } from "../report/diagnosis_text.ts";
export { diffText } from "../report/diff_text.ts";
export { dirtyMappingsCsv, dirtyMappingsText } from "../report/dirty_mappings_text.ts";
export { explanationText } from "../report/explanation_text.ts";
export { forkCsv, forkText } from "../report/fork_text.ts";
export { heatCsv, type HeatStyle, heatText } from "../report/heat_text.ts";
export { hotCsv, hotText } from "../report/hot_text.ts";
export { migrationCsv, migrationText } from "../report/migration_text.ts";
export { phasesCsv, phasesText } from "../report/phases_text.ts";
export { rateCsv, rateText } from "../report/rate_text.ts";
export { snapshotText } from "../report/snapshot_text.ts";
export { workingSetCsv, workingSetText } from "../report/working_set_text.ts";
