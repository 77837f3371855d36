/**
 * Why a tracker was taken, in words.
 *
 * @module
 */

import type { TrackerChoice } from "../core/probe_report.ts";
import type { TrackerKind } from "../core/snapshot.ts";
import { formatBytes } from "./units.ts";

/** What soft-dirty does to such memory. */
const LOSES = "soft-dirty loses writes to such memory when the kernel reclaims a page of it";

/** A sentence without an end; empty if the user named the tracker. */
export function choiceText(tracker: TrackerKind, choice: TrackerChoice): string {
  const { reason, pid, sharedBytes, writableBytes } = choice;
  const shared = pid === null
    ? ""
    : `${formatBytes(sharedBytes)} of the ${formatBytes(writableBytes)} of writable memory of ` +
      `process ${pid} are shared or of mapped files`;
  switch (reason) {
    case "named":
      return "";
    case "only-proven":
      return `the only one that was proven to work here` +
        (tracker === "soft-dirty" && shared !== "" ? `; ${shared}: ${LOSES}` : "");
    case "shared-memory":
      return `${shared}: ${LOSES}`;
    case "least-intrusive":
      return "it needs no stop of the target" + (shared === "" ? "" : `; only ${shared}`);
    case "cannot-attach":
      return `uffd-wp cannot be used here, although ${shared}: ${LOSES}`;
  }
}
