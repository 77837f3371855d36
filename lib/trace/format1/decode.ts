/**
 * Plain values as events and snapshots. A trace may come from anyone, so nothing is believed: each
 * field is checked, and named in the error if it is not what `schema.ts` says.
 *
 * @module
 */

import { PAGE_NUMBER_LIMIT, PageSet } from "../core/page_set.ts";
import type { ProbeReport, ProbeStep } from "../core/probe_report.ts";
import type { ProcessIdentity } from "../core/process.ts";
import {
  PAGE_FLAGS,
  type PageFlag,
  type PageSets,
  READ_METHODS,
  TRACKER_KINDS,
} from "../core/snapshot.ts";
import type { Vma } from "../core/vma.ts";
import { decodePageSet } from "./page_set_codec.ts";
import type { HeaderEvent, MappingsEvent, ReadEvent, TraceEvent } from "./schema.ts";
import { FORMAT_NAME } from "./schema.ts";

/** What each snapshot of format 1 tells. */
const FLAGS_OF_FORMAT_1: readonly PageFlag[] = PAGE_FLAGS.slice(0, 8);

type Check<T> = (value: unknown, path: string) => T;
type Fields = Readonly<Record<string, unknown>>;

function fail(path: string, expected: string): never {
  throw new RangeError(`${path} is not ${expected}`);
}

const text: Check<string> = (value, path) => typeof value === "string" ? value : fail(path, "text");
const bool: Check<boolean> = (value, path) =>
  typeof value === "boolean" ? value : fail(path, "true or false");
const count: Check<number> = (value, path) =>
  Number.isSafeInteger(value) && (value as number) >= 0
    ? value as number
    : fail(path, "a whole number");
const amount: Check<number> = (value, path) =>
  Number.isFinite(value) && (value as number) >= 0 && (value as number) <= Number.MAX_SAFE_INTEGER
    ? value as number
    : fail(path, "an amount");
/** What a Date can hold, with room for all of `atNs`. */
const time: Check<number> = (value, path) =>
  amount(value, path) <= 8e15 ? value as number : fail(path, "a time");
const list: Check<readonly unknown[]> = (value, path) =>
  Array.isArray(value) ? value : fail(path, "a list");
const fields: Check<Fields> = (value, path) =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
    ? value as Fields
    : fail(path, "a map");

/** One of some words. */
const oneOf = <T extends string>(words: readonly T[]): Check<T> => (value, path) =>
  words.find((word) => word === value) ?? fail(path, words.map((word) => `"${word}"`).join(" or "));
/** A field that format 1 does not have. */
const since2 = <T, D>(check: Check<T>, value: unknown, path: string, before: D): T | D =>
  value === undefined ? before : check(value, path);

const processIdentity: Check<ProcessIdentity> = (value, path) => {
  const { pid, startTimeTicks, command } = fields(value, path);
  return {
    pid: count(pid, `${path}.pid`),
    startTimeTicks: count(startTimeTicks, `${path}.startTimeTicks`),
    command: text(command, `${path}.command`),
  };
};

const probeStep: Check<ProbeStep> = (value, path) => {
  const { action, expectedDirty, foundDirty } = fields(value, path);
  if (action !== "clear" && action !== "read" && action !== "write") fail(path, "a step");
  return {
    action,
    expectedDirty: bool(expectedDirty, `${path}.expectedDirty`),
    foundDirty: bool(foundDirty, `${path}.foundDirty`),
  };
};

const probeReport: Check<ProbeReport> = (value, path) => {
  const { tracker, works, softDirty, readBy, steps, reason, hint } = fields(value, path);
  return {
    tracker: tracker === undefined
      ? "soft-dirty"
      : oneOf(TRACKER_KINDS)(tracker, `${path}.tracker`),
    works: bool(works ?? softDirty, `${path}.works`),
    readBy: since2(oneOf(READ_METHODS), readBy, `${path}.readBy`, "pagemap"),
    steps: list(steps, `${path}.steps`).map((step, i) => probeStep(step, `${path}.steps[${i}]`)),
    reason: text(reason, `${path}.reason`),
    hint: text(hint, `${path}.hint`),
  };
};

const header = (event: Fields): HeaderEvent => {
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
    },
    tracker: oneOf(TRACKER_KINDS)(event.tracker, "tracker"),
    probe: probeReport(event.probe, "probe"),
  };
};

const mappingRow: Check<MappingsEvent["rows"][number]> = (value, path) => {
  const row = list(value, path);
  const [start, end] = [count(row[0], `${path}[0]`), count(row[1], `${path}[1]`)];
  if (!(start < end && end <= PAGE_NUMBER_LIMIT)) fail(path, "a range of pages");
  const perms = text(row[2], `${path}[2]`);
  if (!/^[r-][w-][x-][sp]$/.test(perms)) fail(`${path}[2]`, "permissions");
  return [
    start,
    end,
    perms,
    count(row[3], `${path}[3]`),
    text(row[4], `${path}[4]`),
    text(row[5], `${path}[5]`),
    text(row[6], `${path}[6]`),
  ];
};

const mappings = (event: Fields): MappingsEvent => {
  const rows = list(event.rows, "rows").map((row, i) => mappingRow(row, `rows[${i}]`));
  for (let i = 1; i < rows.length; i++) {
    if (rows[i][0] < rows[i - 1][1]) fail(`rows[${i}]`, "after the row before it");
  }
  return { type: "mappings", rows };
};

const flags: Check<readonly PageFlag[]> = (value, path) =>
  list(value, path).map((flag, i) => oneOf(PAGE_FLAGS)(flag, `${path}[${i}]`));

const read = (event: Fields): ReadEvent => {
  const pages = fields(event.pages, "pages");
  for (const flag of PAGE_FLAGS) {
    if (flag in pages && !(pages[flag] instanceof Uint8Array)) fail(`pages.${flag}`, "binary");
  }
  return {
    type: "read",
    process: processIdentity(event.process, "process"),
    atNs: amount(event.atNs, "atNs"),
    durationNs: amount(event.durationNs, "durationNs"),
    stoppedNs: since2(amount, event.stoppedNs, "stoppedNs", 0),
    readBy: since2(oneOf(READ_METHODS), event.readBy, "readBy", "pagemap"),
    known: since2(flags, event.known, "known", FLAGS_OF_FORMAT_1),
    clear: event.clear === null ? null : count(event.clear, "clear"),
    mappings: count(event.mappings, "mappings"),
    pages: pages as ReadEvent["pages"],
  };
};

/**
 * Checks that a decoded record is an event.
 *
 * @throws RangeError that names the field which is not as the format says.
 */
export function decodeEvent(value: unknown): TraceEvent {
  const event = fields(value, "The record");
  switch (event.type) {
    case "header":
      return header(event);
    case "mappings":
      return mappings(event);
    case "read":
      return read(event);
    case "clear":
      return {
        type: "clear",
        process: processIdentity(event.process, "process"),
        atNs: amount(event.atNs, "atNs"),
        durationNs: amount(event.durationNs, "durationNs"),
        unseenNs: event.unseenNs === null ? null : since2(amount, event.unseenNs, "unseenNs", null),
        stoppedNs: since2(amount, event.stoppedNs, "stoppedNs", 0),
        mappings: event.mappings === null ? null : since2(count, event.mappings, "mappings", null),
      };
    case "mark":
      return { type: "mark", text: text(event.text, "text"), atNs: amount(event.atNs, "atNs") };
    case "exit":
      return {
        type: "exit",
        pid: count(event.pid, "pid"),
        reason: text(event.reason, "reason"),
        atNs: amount(event.atNs, "atNs"),
      };
    case "found":
    case "fork":
      return {
        type: event.type,
        process: processIdentity(event.process, "process"),
        parentPid: count(event.parentPid, "parentPid"),
        atNs: amount(event.atNs, "atNs"),
      };
    case "exec":
      return {
        type: "exec",
        process: processIdentity(event.process, "process"),
        atNs: amount(event.atNs, "atNs"),
      };
    default:
      return fail("type", "the type of an event");
  }
}

/** The mappings of an event as values. */
export function decodeMappings(event: MappingsEvent): Vma[] {
  return event.rows.map(([start, end, perms, offsetPages, device, inode, name]) => ({
    start,
    end,
    perms,
    offsetPages,
    device,
    inode,
    name,
  }));
}

/**
 * The page sets of a read.
 *
 * @throws RangeError if one is not well-formed.
 */
export function decodePageSets(pages: ReadEvent["pages"]): PageSets {
  const sets = PAGE_FLAGS.map((flag) => {
    const bytes = pages[flag];
    return [flag, bytes === undefined ? PageSet.empty : decodePageSet(bytes)] as const;
  });
  return Object.fromEntries(sets) as unknown as PageSets;
}
