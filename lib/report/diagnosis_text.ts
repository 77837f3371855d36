/**
 * The doctor's findings in words.
 *
 * @module
 */

import pc from "picocolors";
import type { Diagnosis, TargetDiagnosis } from "../core/diagnosis.ts";
import { isProven } from "../core/probe_report.ts";
import type { TrackerKind } from "../core/snapshot.ts";
import { plainText } from "../core/plain_text.ts";
import { choiceText } from "./choice_text.ts";
import { probeText } from "./event_text.ts";
import { formatTable } from "./table.ts";
import { formatBytes } from "./units.ts";

/** Some lines: the machine, a verdict for each tracker, the trade, and the process asked about. */
export function diagnosisText(diagnosis: Diagnosis): string {
  const { kernelRelease, arch, runtime, pageSizeBytes, probes, chosen, choice, target } = diagnosis;
  const lines = [
    `kernel ${plainText(kernelRelease)} (${arch}), pages of ${
      formatBytes(pageSizeBytes)
    }, ${runtime}`,
    ...probes.flatMap((report) => ["", probeText(report)]),
    "",
    tradeText(),
    "",
    chosen === null
      ? `No tracker works here; traces made elsewhere can be read`
      : `--tracker auto takes ${pc.bold(chosen)}` +
        (choice === null || target === null ? "" : `: ${choiceText(chosen, choice)}`),
  ];
  if (target !== null) {
    const working = probes.filter(isProven).map(({ tracker }) => tracker);
    lines.push("", ...targetLines(target, working));
  }
  return lines.join("\n");
}

function targetLines(
  { pid, command, access }: TargetDiagnosis,
  working: readonly TrackerKind[],
): string[] {
  const name = `process ${pid}${command === null ? "" : ` (${plainText(command)})`}`;
  return access.filter(({ tracker }) => working.includes(tracker)).flatMap((
    { tracker, isAllowed, reason, warnings },
  ) => [
    isAllowed
      ? `${name} ${pc.green("can be tracked")} with ${tracker} by this user`
      : `${name} ${pc.red("cannot be tracked")} with ${tracker}: ${plainText(reason)}`,
    ...warnings.map((warning) => `  ${pc.yellow("warning")}: ${plainText(warning)}`),
  ]);
}

/** What is to be had from which tracker, and at what price. */
function tradeText(): string {
  return formatTable([
    { heading: "", align: "left" },
    { heading: "soft-dirty", align: "left" },
    { heading: "uffd-wp", align: "left" },
  ], [
    ["needs", "CONFIG_MEM_SOFT_DIRTY", "Linux 6.7, x86-64 or arm64"],
    ["reports", "too much: whole huge", "the pages that changed"],
    ["", "pages, merged mappings", ""],
    ["read and reset", "two steps", "one step, nothing is lost"],
    ["target is stopped", "for each clear", "once, for about 1 ms"],
    ["huge pages", "stay whole", "are split (or --keep-huge)"],
    ["rights", "same user", "those of a debugger"],
  ]);
}
