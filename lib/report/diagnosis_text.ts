/**
 * The doctor's findings in words.
 *
 * @module
 */

import pc from "picocolors";
import type { Diagnosis } from "../core/diagnosis.ts";
import { probeText } from "./event_text.ts";
import { plainText } from "../core/plain_text.ts";
import { formatBytes } from "./units.ts";

/** Some lines: the machine, the verdict, and the process that was asked about. */
export function diagnosisText(diagnosis: Diagnosis): string {
  const { kernelRelease, arch, runtime, pageSizeBytes, probe, target } = diagnosis;
  const lines = [
    `kernel ${plainText(kernelRelease)} (${arch}), pages of ${
      formatBytes(pageSizeBytes)
    }, ${runtime}`,
    "",
    probeText(probe),
  ];
  if (target !== null) {
    const name = `process ${target.pid}${
      target.command === null ? "" : ` (${plainText(target.command)})`
    }`;
    lines.push(
      "",
      target.isReadable
        ? `${name} ${pc.green("can be read and cleared")} by this user`
        : `${name} ${pc.red("cannot be tracked")}: ${plainText(target.reason)}`,
    );
  }
  return lines.join("\n");
}
