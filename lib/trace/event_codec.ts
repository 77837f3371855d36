/**
 * Events as msgpack arrays. The first two elements of each are the number of its process, or nil, and
 * its time; elements behind those that are named here are for later versions, and passed over.
 *
 * @module
 */

import type { ProcessIdentity } from "../core/process.ts";
import {
  PAGE_FLAGS,
  type PageFlag,
  READ_METHODS,
  type ReadConditions,
  type ReadMethod,
} from "../core/snapshot.ts";
import { amount, type Check, count, countOrNull, fail, list, orNull, text } from "./checks.ts";
import type { EncodedPages } from "./pages_codec.ts";
import type { AnnotationEvent, TraceEventType } from "./schema.ts";

/** `process` record: the identity that a number stands for. */
export type ProcessRow = readonly [
  number: number,
  pid: number,
  startTimeTicks: number,
  command: string,
  program?: string,
];

/** `clear` event. */
export interface ClearRecord {
  readonly process: number;
  readonly atNs: number;
  /** Counted from 0. */
  readonly number: number;
  readonly durationNs: number;
  readonly unseenNs: number | null;
  readonly stoppedNs: number;
  /** The number of the mappings right after it; null if they were not read. */
  readonly mappings: number | null;
}

/** `read` event. */
export interface ReadRecord {
  readonly process: number;
  readonly atNs: number;
  /** Counted from 0. */
  readonly number: number;
  readonly durationNs: number;
  readonly stoppedNs: number;
  /** How it was read; null if as the earlier read. */
  readonly how: ReadMode | null;
  /** The number of the clear that it is measured from. */
  readonly clear: number | null;
  /** The number of the mappings that it saw; null if those of the earlier read. */
  readonly mappings: number | null;
  /** The number of the earlier read that its pages are delta-encoded against; null for a keyframe. */
  readonly base: number | null;
  readonly pages: unknown;
  readonly conditions: RecordedConditions;
}

/** What a read record has of `ReadConditions`; null if unknown. */
export type RecordedConditions = Omit<ReadConditions, "folioPages">;

/** Where none is recorded. */
const UNKNOWN: RecordedConditions = Object.freeze({
  reclaimedPages: null,
  unlocatedPinnedPages: null,
  droppedPages: null,
});

/** The way of reading, and the flags that are known of each page. */
export interface ReadMode {
  readonly readBy: ReadMethod;
  readonly known: readonly PageFlag[];
}

/** A way and its flags as one number: the way's, and 4 times a bit for each flag. */
export function encodeHow({ readBy, known }: ReadMode): number {
  const bits = known.reduce((all, flag) => all | (1 << PAGE_FLAGS.indexOf(flag)), 0);
  return READ_METHODS.indexOf(readBy) + bits * 4;
}

/** The last decoded value: usually, all reads of a file were made in the same way. */
let lastHow: { readonly number: number; readonly how: ReadMode } | undefined;

const decodeHow: Check<ReadMode> = (value, path) => {
  const number = count(value, path);
  if (lastHow?.number === number) return lastHow.how;
  const how = {
    readBy: READ_METHODS[number % 4] ?? fail(path, "a way of reading"),
    known: PAGE_FLAGS.filter((_, i) => (Math.floor(number / 4) >>> i) % 2 === 1),
  };
  lastHow = { number, how };
  return how;
};

export function encodeClear(record: ClearRecord): unknown[] {
  const { process, atNs, number, durationNs, unseenNs, stoppedNs, mappings } = record;
  return [process, atNs, number, durationNs, unseenNs, stoppedNs, mappings];
}

export function decodeClear(value: unknown): ClearRecord {
  const [process, atNs, number, durationNs, unseenNs, stoppedNs, mappings] = list(value, "clear");
  return {
    process: count(process, "process"),
    atNs: amount(atNs, "atNs"),
    number: count(number, "number"),
    durationNs: amount(durationNs, "durationNs"),
    unseenNs: orNull(amount)(unseenNs, "unseenNs"),
    stoppedNs: amount(stoppedNs, "stoppedNs"),
    mappings: countOrNull(mappings, "mappings"),
  };
}

export function encodeRead(
  record: Omit<ReadRecord, "pages">,
  pages: EncodedPages,
): unknown[] {
  const { process, atNs, number, durationNs, stoppedNs, how, clear, mappings, base } = record;
  const { reclaimedPages, unlocatedPinnedPages, droppedPages } = record.conditions;
  const conditions = [reclaimedPages, unlocatedPinnedPages, droppedPages];
  return [
    ...[process, atNs, number, durationNs, stoppedNs, how && encodeHow(how), clear, mappings],
    ...[base === null ? null : number - base, pages],
    ...conditions.slice(0, conditions.findLastIndex((one) => one !== null) + 1),
  ];
}

export function decodeRead(value: unknown): ReadRecord {
  const elements = list(value, "read");
  const [process, atNs, number, durationNs, stoppedNs, how, clear, mappings, distance, pages] =
    elements;
  const own = count(number, "number");
  const back = countOrNull(distance, "base");
  if (back !== null && (back === 0 || back > own)) fail("base", "an earlier read");
  return {
    process: count(process, "process"),
    atNs: amount(atNs, "atNs"),
    number: own,
    durationNs: amount(durationNs, "durationNs"),
    stoppedNs: amount(stoppedNs, "stoppedNs"),
    how: orNull(decodeHow)(how, "how"),
    clear: countOrNull(clear, "clear"),
    mappings: countOrNull(mappings, "mappings"),
    base: back === null ? null : own - back,
    pages,
    conditions: elements.length <= 10 ? UNKNOWN : {
      reclaimedPages: countOrNull(elements[10] ?? null, "reclaimedPages"),
      unlocatedPinnedPages: countOrNull(elements[11] ?? null, "unlocatedPinnedPages"),
      droppedPages: countOrNull(elements[12] ?? null, "droppedPages"),
    },
  };
}

/** A note as an array; `process` is the number of its process. */
export function encodeNote(event: AnnotationEvent, process: number | null): unknown[] {
  const { type, atNs } = event;
  switch (type) {
    case "mark":
      return [process, atNs, event.text];
    case "exit":
      return [process, atNs, event.pid, event.reason];
    case "found":
    case "fork":
      return [process, atNs, event.parentPid];
    case "exec":
      return [process, atNs];
    case "untracked":
      return [process, atNs, event.reason, event.message];
    case "warning":
      return [process, atNs, event.code, event.message];
  }
}

/**
 * A note, and the number of its process.
 *
 * @param identityOf finds the process of a number
 */
export function decodeNote(
  type: TraceEventType,
  value: unknown,
  identityOf: (number: unknown) => ProcessIdentity,
): { process: number | null; event: AnnotationEvent } {
  const [number, at, third, fourth] = list(value, type);
  const atNs = amount(at, "atNs");
  const process = countOrNull(number, "process");
  const event = (): AnnotationEvent => {
    switch (type) {
      case "mark":
        return { type, text: text(third, "text"), atNs };
      case "exit":
        return { type, pid: count(third, "pid"), reason: text(fourth, "reason"), atNs };
      case "found":
      case "fork":
        return { type, process: identityOf(number), parentPid: count(third, "parentPid"), atNs };
      case "exec":
        return { type, process: identityOf(number), atNs };
      case "untracked": {
        const [reason, message] = [text(third, "reason"), text(fourth, "message")];
        return { type, process: identityOf(number), reason, message, atNs };
      }
      case "warning": {
        const [code, message] = [text(third, "code"), text(fourth, "message")];
        return { type, process: identityOf(number), code, message, atNs };
      }
      default:
        return fail("type", "the type of an event that is no read");
    }
  };
  return { process, event: event() };
}

/** The number and the identity of a `process` record. */
export function decodeProcess(value: unknown): { number: number; identity: ProcessIdentity } {
  const [number, pid, startTimeTicks, command, program = null] = list(value, "process");
  return {
    number: count(number, "number"),
    identity: {
      pid: count(pid, "pid"),
      startTimeTicks: count(startTimeTicks, "startTimeTicks"),
      command: text(command, "command"),
      ...program === null ? {} : { program: text(program, "program") },
    },
  };
}
