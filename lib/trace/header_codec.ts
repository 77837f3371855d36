/**
 * The header of a trace: a msgpack map in every version, so that each program can read at least that.
 *
 * @module
 */

import {
  CHOICE_REASONS,
  type ProbeReport,
  type ProbeStep,
  type TrackerChoice,
} from "../core/probe_report.ts";
import { READ_METHODS, TRACKER_KINDS } from "../core/snapshot.ts";
import {
  bool,
  type Check,
  count,
  fail,
  type Fields,
  fields,
  list,
  oneOf,
  text,
  time,
} from "./checks.ts";
import { FORMAT_NAME, type HeaderEvent } from "./schema.ts";

const probeStep: Check<ProbeStep> = (value, path) => {
  const { action, expectedDirty, foundDirty } = fields(value, path);
  return {
    action: oneOf(["clear", "read", "write"] as const)(action, `${path}.action`),
    expectedDirty: bool(expectedDirty, `${path}.expectedDirty`),
    foundDirty: bool(foundDirty, `${path}.foundDirty`),
  };
};

const trackerChoice: Check<TrackerChoice> = (value, path) => {
  const { reason, pid, sharedBytes, writableBytes } = fields(value, path);
  return {
    reason: oneOf(CHOICE_REASONS)(reason, `${path}.reason`),
    pid: pid === null ? null : count(pid, `${path}.pid`),
    sharedBytes: count(sharedBytes, `${path}.sharedBytes`),
    writableBytes: count(writableBytes, `${path}.writableBytes`),
  };
};

/** Version 1 has `softDirty` for `works`, and knows one tracker and one way of reading. */
const probeReport: Check<ProbeReport> = (value, path) => {
  const { tracker = "soft-dirty", works, softDirty, readBy = "pagemap", steps, reason, hint } =
    fields(value, path);
  const { choice } = fields(value, path);
  return {
    tracker: oneOf(TRACKER_KINDS)(tracker, `${path}.tracker`),
    works: bool(works ?? softDirty, `${path}.works`),
    readBy: oneOf(READ_METHODS)(readBy, `${path}.readBy`),
    steps: list(steps, `${path}.steps`).map((step, i) => probeStep(step, `${path}.steps[${i}]`)),
    reason: text(reason, `${path}.reason`),
    hint: text(hint, `${path}.hint`),
    ...choice === undefined ? {} : { choice: trackerChoice(choice, `${path}.choice`) },
  };
};

/** The number of folio sizes below a huge page that any machine can have. */
const MAX_FOLIO_SIZES = 32;

function folioPages(value: unknown): number[] {
  const sizes = list(value, "host.folioPages").map((size, i) =>
    count(size, `host.folioPages[${i}]`)
  );
  if (sizes.length > MAX_FOLIO_SIZES) fail("host.folioPages", `${MAX_FOLIO_SIZES} sizes at most`);
  for (const size of sizes) {
    if (size < 2 || !Number.isInteger(Math.log2(size))) fail("host.folioPages", "powers of two");
  }
  return sizes;
}

/**
 * Checks that a decoded value is a header.
 *
 * @throws RangeError that names the field which is not as the format says.
 */
export function decodeHeader(value: unknown): HeaderEvent {
  const event: Fields = fields(value, "The header");
  const host = fields(event.host, "host");
  if (event.format !== FORMAT_NAME) fail("format", `"${FORMAT_NAME}"`);
  const pageSizeBytes = count(host.pageSizeBytes, "host.pageSizeBytes");
  if (pageSizeBytes < 1 || !Number.isInteger(Math.log2(pageSizeBytes))) {
    fail("host.pageSizeBytes", "a power of two");
  }
  return {
    type: "header",
    format: FORMAT_NAME,
    version: count(event.version, "version") || fail("version", "1 or more"),
    writer: text(event.writer, "writer"),
    originUnixMs: time(event.originUnixMs, "originUnixMs"),
    host: {
      hostname: text(host.hostname, "host.hostname"),
      kernelRelease: text(host.kernelRelease, "host.kernelRelease"),
      arch: text(host.arch, "host.arch"),
      pageSizeBytes,
      ...host.folioPages === undefined ? {} : { folioPages: folioPages(host.folioPages) },
    },
    tracker: oneOf(TRACKER_KINDS)(event.tracker, "tracker"),
    probe: probeReport(event.probe, "probe"),
  };
}
