/// <reference lib="dom" />
/**
 * The forecasts. What a migration would do is computed for each bandwidth and downtime that is chosen,
 * and what it and forks would do for each part of the time that is looked at.
 *
 * @module
 */

import type { StoppingPoint } from "../analysis/planners/links.ts";
import { transferNs } from "../analysis/planners/stop_rules.ts";
import { formatBitRate, formatBytes, formatDuration } from "../report/units.ts";
import { element, section } from "./dom.ts";
import { forksText } from "./forks_text.ts";
import { momentIn } from "./moments.ts";
import type { Look, ViewFilter } from "./view_filter.ts";
import type { ShownProcess } from "./unpacked.ts";

/** The downtime that the command allows. */
const DOWNTIME_NS = 300e6;

/** The section. */
export function planSection(process: ShownProcess, filter: ViewFilter): HTMLElement {
  const { links, verdicts, fork, series: { columns } } = process;
  const forks = element("p", { class: "sum", id: "forks" });
  const scope = element("p", { class: "sum" });
  const forksIn = ({ from, to }: Look) =>
    fork === null ? "" : forksText(fork, columns[from].startNs, columns[to - 1].endNs);
  filter.on((look) => {
    forks.textContent = forksIn(look);
    scope.textContent = look.name === undefined ? "" : "Forecasts are of all mappings.";
    scope.hidden = scope.textContent === "";
  });
  // A forecast of a mapping alone would be none: a process migrates as a whole.
  const isOfAllTime = (ofAll: string, ofPart: (look: Look) => string) =>
    filter.headline(ofAll, (look) => look.isAllTime ? ofAll : ofPart(look));
  return section(
    "plan",
    "What would a migration, checkpoints or a fork cost?",
    isOfAllTime(
      verdicts.migrate,
      (look) =>
        usualMigration(process, look) ??
          (fork === null ? verdicts.migrate : `Of the whole trace: ${verdicts.migrate}`),
    ),
    ...links.bytesPerSecond.length === 0 ? [] : [migration(process, filter)],
    ...fork === null ? [] : [
      isOfAllTime(verdicts.checkpoint, () => `Of the whole trace: ${verdicts.checkpoint}`),
      isOfAllTime(verdicts.fork, forksIn),
    ],
    forks,
    scope,
  );
}

/** What one would do that begins in a part of the time, by the bandwidth and downtime of the command. */
function usualMigration(
  { links: { bytesPerSecond, moments }, series: { columns } }: ShownProcess,
  look: Look,
): string | undefined {
  const usual = usualLink(bytesPerSecond);
  if (usual < 0) return undefined;
  const { moment, atNs } = momentIn(moments, columns, look);
  const speed = bytesPerSecond[usual];
  return `Begun at ${formatDuration(atNs)}, over ${formatBitRate(speed)}: ` +
    forecast(moment.stops[usual], speed, DOWNTIME_NS);
}

/** The slowest link that is as fast as the one that the command assumes. */
function usualLink(bytesPerSecond: readonly number[]): number {
  const found = bytesPerSecond.findIndex((speed) => speed >= 1.25e9 * 0.999);
  return found < 0 ? bytesPerSecond.length - 1 : found;
}

function migration(
  { links: { bytesPerSecond, moments }, series: { columns } }: ShownProcess,
  filter: ViewFilter,
): HTMLElement {
  const bandwidth = slider("bandwidth", bytesPerSecond.length - 1, usualLink(bytesPerSecond));
  // In steps of a tenth of a decade, from 1 ms to 10 s.
  const downtime = slider("downtime", 40, 25);
  const answer = element("p", { class: "sum", role: "status", id: "migration" });
  let look: Look;
  const update = () => {
    const speed = bytesPerSecond[Number(bandwidth.value)];
    const maxDowntimeNs = 1e6 * 10 ** (Number(downtime.value) / 10);
    const { moment, atNs } = momentIn(moments, columns, look);
    answer.textContent = [
      ...look.isAllTime ? [] : [`begun at ${formatDuration(atNs)}`],
      `${formatBitRate(speed)}, ${formatDuration(maxDowntimeNs)}`,
      forecast(moment.stops[Number(bandwidth.value)], speed, maxDowntimeNs),
    ].join(": ");
    bandwidth.setAttribute("aria-valuetext", formatBitRate(speed));
    downtime.setAttribute("aria-valuetext", formatDuration(maxDowntimeNs));
  };
  for (const input of [bandwidth, downtime]) input.addEventListener("input", update);
  filter.on((now) => {
    look = now;
    update();
  });
  return element(
    "div",
    { class: "sliders" },
    element("label", {}, "Bandwidth of the link ", bandwidth),
    element("label", {}, "Downtime that is allowed ", downtime),
    answer,
  );
}

function slider(name: string, most: number, value: number): HTMLInputElement {
  return element("input", { type: "range", name, min: 0, max: most, value });
}

/** By QEMU's rule: it stops after the first round that leaves little enough. */
function forecast(
  stops: readonly StoppingPoint[],
  bytesPerSecond: number,
  maxDowntimeNs: number,
): string {
  const downtimeNs = ({ leftBytes }: StoppingPoint) => transferNs(leftBytes, bytesPerSecond);
  const stop = stops.find((one) => downtimeNs(one) <= maxDowntimeNs);
  if (stop === undefined) {
    return "does not converge; the downtime would be " +
      `${formatDuration(downtimeNs(stops.at(-1)!))} at the least`;
  }
  const { roundCount, sentBytes, leftBytes } = stop;
  const total = sentBytes + leftBytes;
  return `stops after ${roundCount} ${roundCount === 1 ? "round" : "rounds"}, downtime ` +
    `${formatDuration(downtimeNs(stop))}, and takes ` +
    `${formatDuration(transferNs(total, bytesPerSecond))} and ${formatBytes(total)} in all`;
}
