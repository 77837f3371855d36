/// <reference lib="dom" />
/**
 * The forecasts. What a migration would do is told anew for each bandwidth and downtime that is chosen,
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
import type { Look, Narrowed } from "./narrowed.ts";
import type { ShownProcess } from "./unpacked.ts";

/** The section. */
export function planSection(process: ShownProcess, narrowed: Narrowed): HTMLElement {
  const { links, verdicts, fork, series: { columns } } = process;
  const forks = element("p", { class: "sum", id: "forks" });
  const scope = element("p", { class: "sum" });
  narrowed.on(({ from, to, name, isAllTime }) => {
    forks.textContent = forksText(fork, columns[from].startNs, columns[to - 1].endNs);
    scope.textContent = [
      ...isAllTime ? [] : ["What is printed in bold is of the whole trace."],
      ...name === undefined ? [] : ["Forecasts are of all mappings."],
    ].join(" ");
    scope.hidden = scope.textContent === "";
  });
  return section(
    "plan",
    "What would a migration, checkpoints or a fork cost?",
    verdicts.migrate,
    ...links.bytesPerSecond.length === 0 ? [] : [migration(process, narrowed)],
    element("p", { class: "verdict" }, verdicts.checkpoint),
    element("p", { class: "verdict" }, verdicts.fork),
    forks,
    scope,
  );
}

function migration(
  { links: { bytesPerSecond, moments }, series: { columns } }: ShownProcess,
  narrowed: Narrowed,
): HTMLElement {
  const preferred = bytesPerSecond.findIndex((speed) => speed >= 1.25e9 * 0.999);
  const fastest = bytesPerSecond.length - 1;
  const bandwidth = slider("bandwidth", fastest, preferred < 0 ? fastest : preferred);
  // In steps of a tenth of a decade, from 1 ms to 10 s.
  const downtime = slider("downtime", 40, 25);
  const answer = element("p", { class: "sum", role: "status", id: "migration" });
  let look: Look;
  const tell = () => {
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
  for (const input of [bandwidth, downtime]) input.addEventListener("input", tell);
  narrowed.on((now) => {
    look = now;
    tell();
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
    return "does not converge; it would stand still for " +
      `${formatDuration(downtimeNs(stops.at(-1)!))} at the least`;
  }
  const { roundCount, sentBytes, leftBytes } = stop;
  const total = sentBytes + leftBytes;
  return `stops after ${roundCount} ${roundCount === 1 ? "round" : "rounds"}, stands still for ` +
    `${formatDuration(downtimeNs(stop))}, and takes ` +
    `${formatDuration(transferNs(total, bytesPerSecond))} and ${formatBytes(total)} in all`;
}
