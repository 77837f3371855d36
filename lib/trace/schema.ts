/**
 * The events of a trace, as `FORMAT.md` specifies them; here as types with units.
 *
 * A file is a sequence of records (`frame.ts`). The body of each is a msgpack array, whose first two
 * elements are the number of the process that it is about, or nil, and the time; the arrays are spelled
 * out in `event_codec.ts`. What stands here are the values that they carry.
 *
 * @module
 */

import type { ProbeReport } from "../core/probe_report.ts";
import type { ProcessIdentity } from "../core/process.ts";
import type { ClearEvent, Snapshot, TrackerKind } from "../core/snapshot.ts";

/** Rises with each change of the format. A reader refuses files with a larger one. */
export const FORMAT_VERSION = 3;

/** What the first record of each file says it is. */
export const FORMAT_NAME = "softdirty-trace";

/** The machine that a trace was recorded on. */
export interface TraceHost {
  /** Name of the machine; hostile text if the trace comes from elsewhere. */
  readonly hostname: string;
  /** As `uname -r` prints it. */
  readonly kernelRelease: string;
  /** As Node's `process.arch` names it: `x64`, `arm64`, ... */
  readonly arch: string;
  /** Size of a page in bytes: the unit of all counts of pages beside it. */
  readonly pageSizeBytes: number;
  /** As in {@linkcode ReadConditions}; left out of files before version 3. */
  readonly folioPages?: readonly number[] | undefined;
}

/** The first record. */
export interface HeaderEvent {
  /** Names the kind of event. */
  readonly type: "header";
  /** Names the format. */
  readonly format: typeof FORMAT_NAME;
  /** Version of the format, as FORMAT.md counts them. */
  readonly version: number;
  /** The program and its version that wrote the file. */
  readonly writer: string;
  /** Unix time in milliseconds at which the `atNs` of all events is 0. */
  readonly originUnixMs: number;
  /** The machine that it was recorded on. */
  readonly host: TraceHost;
  /** How writes were tracked. */
  readonly tracker: TrackerKind;
  /** How the kernel was proven to track. */
  readonly probe: ProbeReport;
}

/** A remark of the user. */
export interface MarkEvent {
  /** Names the kind of event. */
  readonly type: "mark";
  /** The remark; hostile text if the trace comes from elsewhere. */
  readonly text: string;
  /** When it was recorded, since the session began. */
  readonly atNs: number;
}

/** A process was found to have ended, by a call on it that failed or by a look at its group. */
export interface ExitEvent {
  /** Names the kind of event. */
  readonly type: "exit";
  /** The process that ended. */
  readonly pid: number;
  /** The `code` of the error that said so. */
  readonly reason: string;
  /** When it was recorded, since the session began. */
  readonly atNs: number;
}

/** A process came under watch: it was there at the beginning, or was forked since. */
export interface ProcessFoundEvent {
  /** `found` if it was there when the group was looked at first, `fork` if it came later. */
  readonly type: "found" | "fork";
  /** The process that is now tracked. */
  readonly process: ProcessIdentity;
  /** The process that started it, or took it over. */
  readonly parentPid: number;
  /** When it was recorded, since the session began. */
  readonly atNs: number;
}

/** A process executed another program some time before: all of its memory is new. */
export interface ExecEvent {
  /** Names the kind of event. */
  readonly type: "exec";
  /** The process, by its new command name. */
  readonly process: ProcessIdentity;
  /** When it was recorded, since the session began. */
  readonly atNs: number;
}

/** A process lives, but a call on it failed: until its next clear or read, it is not tracked. */
export interface UntrackedEvent {
  /** Names the kind of event. */
  readonly type: "untracked";
  /** The process that is not tracked. */
  readonly process: ProcessIdentity;
  /** The `code` of the error. */
  readonly reason: string;
  /** The error in words. */
  readonly message: string;
  /** When it was recorded, since the session began. */
  readonly atNs: number;
}

/** Something about a process that its numbers depend on, or that tracking can do to it. */
export interface WarningEvent {
  /** Names the kind of event. */
  readonly type: "warning";
  /** The process that the warning is about. */
  readonly process: ProcessIdentity;
  /** One of {@linkcode TARGET_WARNINGS}, or of a later version. */
  readonly code: string;
  /** The warning in words; hostile text if the trace comes from elsewhere. */
  readonly message: string;
  /** When it was recorded, since the session began. */
  readonly atNs: number;
}

/** Events that no call asks for. */
export type AnnotationEvent =
  | MarkEvent
  | ExitEvent
  | ProcessFoundEvent
  | ExecEvent
  | UntrackedEvent
  | WarningEvent;

/** Events besides snapshots. */
export type PlainEvent = ClearEvent | AnnotationEvent;

/** What an event is; a `read` is a snapshot. */
export type TraceEventType = PlainEvent["type"] | "read";

/** The number of each type of event in a file. Others are records that are no events. */
export const EVENT_TYPES: Readonly<Record<TraceEventType, number>> = {
  clear: 3,
  read: 4,
  mark: 5,
  exit: 6,
  found: 7,
  fork: 8,
  exec: 9,
  untracked: 12,
  warning: 13,
};

/**
 * So many reads of a process may lie between a read and the keyframe that it is delta-encoded against: a short
 * file could ask for much work else.
 */
export const MAX_READS_OF_KEYFRAME = 64;

/** The numbers of records that are no events. */
export const RECORD_TYPES = { header: 0, process: 1, mappings: 2, index: 10, end: 11 } as const;

/** The event type of a number; undefined if it is none. */
export function eventTypeOf(number: number): TraceEventType | undefined {
  return BY_NUMBER[number];
}

const BY_NUMBER: readonly (TraceEventType | undefined)[] = Object.entries(EVENT_TYPES).reduce(
  (all, [type, number]) => {
    all[number] = type as TraceEventType;
    return all;
  },
  [] as (TraceEventType | undefined)[],
);

/** What is known of an event without decoding it. */
export interface EventSummary {
  /** Kind of the event; a snapshot is a `read`. */
  readonly type: TraceEventType;
  /** When it happened or began, since the session began. */
  readonly atNs: number;
  /** Undefined for events that are not about one process. */
  readonly process: ProcessIdentity | undefined;
}

/** The events of a trace, by number. */
export interface TraceEvents {
  /** How many there are. */
  readonly eventCount: number;
  /** What is known of one without decoding it. */
  summary(eventIndex: number): EventSummary;
  /** One of them; a read is a snapshot. */
  event(eventIndex: number): PlainEvent | Snapshot;
}
