/**
 * What a repair found and did, in words.
 *
 * @module
 */

import pc from "picocolors";
import { plainText } from "../core/plain_text.ts";
import type { TraceProblem } from "../trace/byte_source.ts";
import type { RepairFindings } from "../trace/repair.ts";
import { formatBytes, formatCount } from "./units.ts";

/** A line of what was done, and one for each stretch of damaged bytes. */
export function repairText(
  file: string,
  { index, eventCount, problems, leftOut, backup }: RepairFindings & {
    readonly backup: string | undefined;
  },
): string {
  const events = `${formatCount(eventCount)} ${eventCount === 1 ? "event" : "events"}`;
  const done = {
    "missing": `wrote the index of ${events}`,
    "present": `has its index, of ${events}; nothing to do`,
    "no header": "has no whole header, as if the recorder was killed when it began this file; " +
      "there is nothing to repair",
    "none in version 1": `has format 1, which has no index and needs none; ${events}`,
  }[index];
  const kept = index === "missing" ? "stay as they are" : "cannot be read";
  const lines = [
    `${pc.bold(plainText(file))}: ${done}`,
    ...problems.map((problem) => damageLine(problem, kept)),
    ...leftOut.map((problem) => damageLine(problem, "left out")),
  ];
  if (backup !== undefined) lines.push(`the file as it was is ${plainText(backup)}`);
  return lines.join("\n");
}

function damageLine({ offset, lengthBytes, reason }: TraceProblem, fate: string): string {
  return pc.yellow(
    `${formatBytes(lengthBytes)} at byte ${offset} ${fate}: ${plainText(reason)}`,
  );
}
