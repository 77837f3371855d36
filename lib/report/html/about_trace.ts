/**
 * What a report says of the trace itself.
 *
 * @module
 */

import { basename } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { TraceReader } from "../../trace/reader.ts";
import { problemLines, proofText } from "../event_text.ts";
import type { ReportAbout } from "./report_data.ts";

/** Where it was recorded, and how. */
export function aboutTrace(trace: TraceReader, expression?: string): ReportAbout {
  const { header, name, sizeBytes, snapshotCount } = trace;
  const { hostname, kernelRelease, arch } = header.host;
  return {
    name: basename(name),
    sizeBytes,
    recordedAt: new Date(header.originUnixMs).toISOString(),
    writer: header.writer,
    ...{ hostname, kernelRelease, arch },
    tracker: header.tracker,
    proof: stripVTControlCharacters(proofText(header.probe)),
    snapshotCount,
    expression: expression ?? null,
    problems: problemLines(trace).map(stripVTControlCharacters),
  };
}
