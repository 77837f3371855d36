/**
 * How a live session begins a trace.
 *
 * @module
 */

import { hostname } from "node:os";
import type { ProbeReport } from "../core/probe_report.ts";
import { VERSION } from "../core/version.ts";
import { FORMAT_NAME, FORMAT_VERSION, type HeaderEvent } from "../trace/schema.ts";

/** What a trace says of this machine, and of how the kernel was proven to track. */
export function liveHeader(
  originUnixMs: number,
  kernelRelease: string,
  pageSizeBytes: number,
  folioPages: readonly number[],
  probe: ProbeReport,
): HeaderEvent {
  return {
    type: "header",
    format: FORMAT_NAME,
    version: FORMAT_VERSION,
    writer: `softdirty ${VERSION}`,
    originUnixMs,
    host: { hostname: hostname(), kernelRelease, arch: process.arch, pageSizeBytes, folioPages },
    tracker: probe.tracker,
    probe,
  };
}

/** `recordings/20261123T153518.123Z-pid42.sdtrace`: sorts by time, and is new each millisecond. */
export function defaultPath(unixMs: number, pid: number | undefined): string {
  const time = new Date(unixMs).toISOString().replace(/[-:]/g, "");
  return `recordings/${time}${pid === undefined ? "" : `-pid${pid}`}.sdtrace`;
}
