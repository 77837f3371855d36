/**
 * The forecasts of an HTML report. They take more work and memory than all measures together: where that is
 * more than a trace is given, a report has the measures alone, and says why.
 *
 * @module
 */

import { planCheckpoints } from "../../analysis/planners/checkpoint.ts";
import { type ForkPlan, planForks } from "../../analysis/planners/fork.ts";
import { migrationsOverLinks } from "../../analysis/planners/links.ts";
import { migrationsOf, planMigrations } from "../../analysis/planners/migrate.ts";
import { WindowReplay } from "../../analysis/planners/replay.ts";
import { rangedEach } from "../../analysis/ranged.ts";
import { unlessTooLarge } from "../../core/unless_too_large.ts";
import type { ProcessIdentity } from "../../core/process.ts";
import type { SnapshotSeries } from "../../core/untracked_process.ts";
import { checkpointText } from "../checkpoint_text.ts";
import { forkText } from "../fork_text.ts";
import { migrationText } from "../migration_text.ts";
import { type PackedLinks, packLinks } from "./packed_links.ts";
import { verdict } from "./verdict.ts";

/** What is forecast for one process. */
export interface Forecasts {
  /** Where there are no forecasts, the first says why, and the others are empty. */
  readonly verdicts: Readonly<Record<"migrate" | "checkpoint" | "fork", string>>;
  /** Where migrations may stop that begin with some windows; without any speed if there are no forecasts. */
  readonly links: PackedLinks;
  /** Null if there are no forecasts. */
  readonly fork: ForkPlan | null;
}

/** A process, and the windows with which its migrations begin. */
export interface Forecasted {
  readonly process: ProcessIdentity;
  readonly firstWindows: readonly number[];
}

/**
 * Beyond this, written pages lie in more than a terabyte, or each by itself. Forecasts unite page sets again
 * and again, and take more time than the rest of the report then.
 */
const MOST_GRANULARITY_PAGES = 64;

/**
 * The forecasts for each process.
 *
 * @param all in the order in which measures have them
 * @param granularityPages how many pages are counted together in the coarsest of the measures
 */
export function forecastsOf(
  snapshots: SnapshotSeries,
  all: readonly Forecasted[],
  granularityPages = 1,
): Forecasts[] {
  const forecasts = granularityPages > MOST_GRANULARITY_PAGES
    ? "the pages lie too far apart to follow each; softdirty plan tries it"
    : unlessTooLarge(() => wholeForecasts(snapshots, all));
  return typeof forecasts !== "string" ? forecasts : all.map(({ process }) => ({
    verdicts: { migrate: noForecasts(forecasts), checkpoint: "", fork: "" },
    links: packLinks({ process, bytesPerSecond: [], moments: [] }),
    fork: null,
  }));
}

function wholeForecasts(snapshots: SnapshotSeries, all: readonly Forecasted[]): Forecasts[] {
  let replay: WindowReplay | undefined;
  const migrations = rangedEach(snapshots, (each) => {
    const own = new WindowReplay(each);
    replay ??= own;
    return migrationsOf(own);
  });
  const links = migrationsOverLinks(replay!, all.map(({ firstWindows }) => firstWindows));
  const checkpoints = planCheckpoints(snapshots);
  const forks = planForks(snapshots);
  return all.map((_, i) => ({
    verdicts: {
      migrate: verdict(migrationText(migrations[i])),
      checkpoint: verdict(checkpointText(checkpoints[i])),
      fork: verdict(forkText(forks[i])),
    },
    links: packLinks(links[i]),
    fork: forks[i],
  }));
}

/** The verdicts for all processes together. */
export function groupForecasts(group: SnapshotSeries): string[] {
  const texts = unlessTooLarge(() => [
    verdict(migrationText(planMigrations(group)[0])),
    verdict(checkpointText(planCheckpoints(group)[0])),
  ]);
  return typeof texts === "string" ? [noForecasts(texts)] : texts;
}

function noForecasts(reason: string): string {
  return `No forecasts: ${reason}`;
}
