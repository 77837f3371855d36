/// <reference lib="dom" />
/**
 * The forecasts. What a migration would do is told anew for each bandwidth and downtime that is chosen.
 *
 * @module
 */

import { transferNs } from "../analysis/planners/stop_rules.ts";
import type { LinkRounds } from "../analysis/planners/link_rounds.ts";
import type { ProcessReport } from "../report/html/report_data.ts";
import { formatBitRate, formatBytes, formatDuration } from "../report/units.ts";
import { element, section } from "./dom.ts";

/** The section. */
export function planSection({ links, verdicts }: ProcessReport): HTMLElement {
  const others = [verdicts.checkpoint, verdicts.fork].map((text) =>
    element("p", { class: "verdict" }, text)
  );
  const sliders = links.length === 0 ? [] : [migration(links)];
  return section(
    "plan",
    "What would a migration, checkpoints or a fork cost?",
    verdicts.migrate,
    ...sliders,
    ...others,
  );
}

function migration(links: readonly LinkRounds[]): HTMLElement {
  const preferred = links.findIndex(({ bytesPerSecond }) => bytesPerSecond >= 1.25e9 * 0.999);
  const bandwidth = slider(
    "bandwidth",
    links.length - 1,
    preferred < 0 ? links.length - 1 : preferred,
  );
  // In steps of a tenth of a decade, from 1 ms to 10 s.
  const downtime = slider("downtime", 40, 25);
  const answer = element("p", { class: "sum", role: "status", id: "migration" });
  const tell = () => {
    const link = links[Number(bandwidth.value)];
    const maxDowntimeNs = 1e6 * 10 ** (Number(downtime.value) / 10);
    answer.textContent = forecast(link, maxDowntimeNs);
    bandwidth.setAttribute("aria-valuetext", formatBitRate(link.bytesPerSecond));
    downtime.setAttribute("aria-valuetext", formatDuration(maxDowntimeNs));
  };
  for (const input of [bandwidth, downtime]) input.addEventListener("input", tell);
  tell();
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
export function forecast(
  { bytesPerSecond, memoryBytes, leftBytes }: LinkRounds,
  maxDowntimeNs: number,
): string {
  const asked = `${formatBitRate(bytesPerSecond)}, ${formatDuration(maxDowntimeNs)}: `;
  const stop = leftBytes.findIndex((left) => transferNs(left, bytesPerSecond) <= maxDowntimeNs);
  if (stop < 0) {
    const least = Math.min(...leftBytes);
    return `${asked}does not converge; it would stand still for ` +
      `${formatDuration(transferNs(least, bytesPerSecond))} at the least`;
  }
  const sent = memoryBytes + leftBytes.slice(0, stop + 1).reduce((sum, left) => sum + left, 0);
  return `${asked}stops after ${stop + 1} ${stop === 0 ? "round" : "rounds"}, stands still for ` +
    `${formatDuration(transferNs(leftBytes[stop], bytesPerSecond))}, and takes ` +
    `${formatDuration(transferNs(sent, bytesPerSecond))} and ${formatBytes(sent)} in all`;
}
