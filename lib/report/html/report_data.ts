/**
 * What an HTML report holds: results of the measures, in a form that its page can narrow by itself. It
 * is JSON, except for the counts of the heat map, which are packed.
 *
 * @module
 */

import { type DirtyMappings, dirtyMappings } from "../../analysis/dirty_mappings.ts";
import { heatMaps } from "../../analysis/heat.ts";
import { type HotPages, hotPages } from "../../analysis/hot.ts";
import { type Phases, phases } from "../../analysis/phases.ts";
import { type DirtyRate, dirtyRates } from "../../analysis/rate.ts";
import { firstWindowsOf } from "../../analysis/time_columns.ts";
import { type TimeSeries, timeSeries } from "../../analysis/time_series.ts";
import {
  namedWorkingSets,
  type WorkingSet,
  workingSets,
  type WorkingSetWindows,
  workingSetWindows,
} from "../../analysis/working_set.ts";
import { processKey } from "../../analysis/windows.ts";
import { countedOnce } from "../../core/counted_once.ts";
import { groupSnapshots } from "../../core/group_snapshots.ts";
import type { ProcessIdentity } from "../../core/process.ts";
import { unlessTooLarge } from "../../core/unless_too_large.ts";
import { ofProcesses, type SnapshotSeries } from "../../core/untracked_process.ts";
import { coverageLines } from "../coverage_text.ts";
import { dirtyMappingsText } from "../dirty_mappings_text.ts";
import { heatText } from "../heat_text.ts";
import { hotText } from "../hot_text.ts";
import { phasesText } from "../phases_text.ts";
import { rateText } from "../rate_text.ts";
import { workingSetText } from "../working_set_text.ts";
import { type Forecasts, forecastsOf, groupForecasts } from "./forecasts.ts";
import { type PackedHeat, packHeats } from "./packed_heat.ts";
import { verdict } from "./verdict.ts";

/** Rows and columns of a heat map; the rows are fewer if all of them would take more room than this. */
const HEAT = { rows: 4096, columns: 512 } as const;
const HEAT_BYTES = 4 << 20;
/** Hot ranges of each process. */
const HOT_RANGES = 200;
/** The most windows of one length that are listed singly. */
const WSS_WINDOWS = 1024;
/** Moments at which migrations begin. */
const MOMENTS = 16;
/** Names that have a curve of their own. */
const WSS_NAMES = 16;
/** Names that are followed to find them. */
const WSS_SEEN_NAMES = 256;
/** Mappings of each process. */
const MAPPINGS = 1000;
/** Processes that are shown, those with the most dirty pages; fewer if they take more room than this. */
const PROCESSES = 12;
const PROCESSES_CHARACTERS = 7.5e6;

/** The first line that each command prints: what it comes to. */
export type Verdicts =
  & Readonly<Record<"rate" | "heat" | "wss" | "hot" | "mappings" | "phases", string>>
  & Forecasts["verdicts"];

/** All data of one process. */
export interface ProcessReport extends Pick<Forecasts, "links" | "fork"> {
  readonly process: ProcessIdentity;
  readonly verdicts: Verdicts;
  /** What none of it can show. */
  readonly caveats: readonly string[];
  readonly series: TimeSeries;
  readonly heat: PackedHeat;
  readonly wss: WorkingSet;
  /** What the curve is made of, so that a part of the time can be shown. */
  readonly wssWindows: WorkingSetWindows;
  /** How many pages of the mappings of a name each of these windows has. */
  readonly wssNames: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly mappings: DirtyMappings;
  readonly hot: HotPages;
  readonly phases: Phases;
}

/** What a report says of the trace itself. */
export interface ReportAbout {
  readonly name: string;
  readonly sizeBytes: number;
  readonly recordedAt: string;
  readonly writer: string;
  readonly hostname: string;
  readonly kernelRelease: string;
  readonly arch: string;
  readonly tracker: string;
  /** How it is known that writes were tracked. */
  readonly proof: string;
  readonly snapshotCount: number;
  /** The expression that says which part of the trace this is; null if it is all of it. */
  readonly expression: string | null;
  /** What could not be read. */
  readonly problems: readonly string[];
}

/** What all processes come to together. */
export interface TotalReport {
  readonly verdicts: readonly string[];
  readonly caveats: readonly string[];
}

/** A whole report. */
export interface ReportData {
  readonly about: ReportAbout;
  /** Null if there is one process alone. */
  readonly total: TotalReport | null;
  readonly processes: readonly ProcessReport[];
  /** Processes with fewer dirty pages, which are not shown. */
  readonly leftOutCount: number;
}

/** Measures all that a report holds. The snapshots are walked many times. */
export function reportData(all: SnapshotSeries, about: ReportAbout): ReportData {
  const everyRate = dirtyRates(all);
  const snapshots = everyRate.length > PROCESSES ? ofProcesses(all, mostDirty(everyRate)) : all;
  // Each measure has a result for each program, in the same order.
  const rates = snapshots === all ? everyRate : dirtyRates(snapshots);
  const most = rates.map((rate, i) => ({ rate, i }))
    .sort((a, b) => b.rate.dirtyPages - a.rate.dirtyPages).slice(0, PROCESSES);
  const shown = new Set(most.map(({ i }) => i));
  const series = timeSeries(snapshots, HEAT.columns);
  const heat = heatMaps(snapshots, HEAT);
  const wss = workingSets(snapshots);
  const once = countedOnce(snapshots);
  const windows = workingSetWindows(once, WSS_WINDOWS);
  const named = namedWorkingSets(once, WSS_WINDOWS, WSS_SEEN_NAMES);
  const mappings = dirtyMappings(snapshots);
  const hot = hotPages(snapshots, HOT_RANGES);
  const found = phases(snapshots);
  const packedHeat = packHeats(
    (rows) => {
      const maps = rows === HEAT.rows ? heat : heatMaps(snapshots, { ...HEAT, rows });
      return most.map(({ i }) => maps[i]);
    },
    HEAT.rows,
    HEAT_BYTES,
  );
  // Last, since what they take is not to be missing elsewhere.
  const forecasts = forecastsOf(
    snapshots,
    series.map((one, i) => ({
      process: rates[i].process,
      firstWindows: shown.has(i) ? momentsOf(one) : [],
    })),
    hot.reduce((most, { granularityPages }) => Math.max(most, granularityPages), 1),
  );
  const processes = fitting(
    most.map(({ rate, i }, number) => ({
      process: rate.process,
      verdicts: {
        rate: verdict(rateText(rate)),
        heat: verdict(heatText(heat[i], { width: 80, height: 1, isColored: false })),
        wss: verdict(workingSetText(wss[i])),
        hot: verdict(hotText(hot[i])),
        mappings: verdict(dirtyMappingsText(mappings[i])),
        phases: verdict(phasesText(found[i])),
        ...forecasts[i].verdicts,
      },
      caveats: coverageLines(rate.coverage),
      series: series[i],
      heat: packedHeat[number],
      wss: wss[i],
      wssWindows: windows[i],
      wssNames: Object.fromEntries(
        series[i].names.slice(0, WSS_NAMES).flatMap((name) => {
          const pages = named[i].get(name);
          return pages === undefined ? [] : [[name, pages]];
        }),
      ),
      mappings: { ...mappings[i], mappings: mappings[i].mappings.slice(0, MAPPINGS) },
      hot: hot[i],
      phases: found[i],
      links: forecasts[i].links,
      fork: forecasts[i].fork,
    })),
  );
  const total = everyRate.length > 1 ? unlessTooLarge(() => totalReport(all)) : null;
  return {
    about,
    total: typeof total === "string" ? { verdicts: [`No total: ${total}`], caveats: [] } : total,
    processes,
    leftOutCount: everyRate.length - processes.length,
  };
}

/** The processes of the programs that dirtied most. */
function mostDirty(rates: readonly DirtyRate[]): (process: ProcessIdentity) => boolean {
  const sorted = rates.toSorted((a, b) => b.dirtyPages - a.dirtyPages).slice(0, PROCESSES);
  const keys = new Set(sorted.map(({ process }) => processKey(process)));
  return (process) => keys.has(processKey(process));
}

/** The group as a whole: a container migrates as one. */
function totalReport(snapshots: SnapshotSeries): TotalReport | null {
  const group = groupSnapshots(snapshots);
  const [rate] = dirtyRates(group);
  if (rate === undefined) return null;
  return {
    verdicts: [
      verdict(rateText(rate)),
      verdict(workingSetText(workingSets(group)[0])),
      ...groupForecasts(group),
    ],
    caveats: coverageLines(rate.coverage),
  };
}

/** As many of the first as there is room for, but one at least. */
function fitting(processes: readonly ProcessReport[]): ProcessReport[] {
  let characters = 0;
  return processes.filter((process, i) => {
    characters += JSON.stringify(process).length;
    return i === 0 || characters <= PROCESSES_CHARACTERS;
  });
}

/** The windows with which some columns begin, spread over all. */
function momentsOf({ columns }: TimeSeries): number[] {
  const firsts = firstWindowsOf(columns);
  const count = Math.min(MOMENTS, columns.length);
  return Array.from(
    { length: count },
    (_, i) => firsts[Math.floor(i * columns.length / count)],
  );
}
