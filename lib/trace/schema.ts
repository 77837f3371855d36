/**
 * The events of a trace file, as `FORMAT.md` specifies them; here as types with units.
 *
 * A file is a sequence of records. Each record is a msgpack `uint 32` (always five bytes, `0xce`) with
 * the length of what follows, and then one msgpack map of that length: an event.
 *
 * @module
 */

import type { ProbeReport } from "../core/probe_report.ts";
import type { ProcessIdentity } from "../core/process.ts";
import type { ClearEvent, PageFlag, ReadMethod, TrackerKind } from "../core/snapshot.ts";

/** Rises with each change of the format. A reader refuses files with a larger one. */
export const FORMAT_VERSION = 2;

/** What the first record of each file says it is. */
export const FORMAT_NAME = "softdirty-trace";

/** The machine that a trace was recorded on. */
export interface TraceHost {
  readonly hostname: string;
  /** As `uname -r` prints it. */
  readonly kernelRelease: string;
  /** As Node's `process.arch` names it: `x64`, `arm64`, ... */
  readonly arch: string;
  readonly pageSizeBytes: number;
}

/** The first record. */
export interface HeaderEvent {
  readonly type: "header";
  readonly format: typeof FORMAT_NAME;
  readonly version: number;
  /** The program and its version that wrote the file. */
  readonly writer: string;
  /** Unix time in milliseconds at which the `atNs` of all events is 0. */
  readonly originUnixMs: number;
  readonly host: TraceHost;
  readonly tracker: TrackerKind;
  /** How the kernel was proven to track. */
  readonly probe: ProbeReport;
}

/**
 * The mappings of a process. Written before the first read that saw them, and again only when they
 * are no longer the same.
 */
export interface MappingsEvent {
  readonly type: "mappings";
  /** Ascending: start page, end page (exclusive), perms, offset in pages, device, inode, name. */
  readonly rows: ReadonlyArray<
    readonly [
      start: number,
      end: number,
      perms: string,
      offsetPages: number,
      device: string,
      inode: string,
      name: string,
    ]
  >;
}

/** A moment from which writes count anew for one process. */
export interface ClearRecord extends Omit<ClearEvent, "vmas"> {
  /** Which `mappings` of this file, counted from 0, there were right after it; null if not read. */
  readonly mappings: number | null;
}

/** One read of a pagemap. */
export interface ReadEvent {
  readonly type: "read";
  readonly process: ProcessIdentity;
  readonly atNs: number;
  readonly durationNs: number;
  /** For how long the target was stopped for it. */
  readonly stoppedNs: number;
  readonly readBy: ReadMethod;
  /** The flags that are told of each page. */
  readonly known: readonly PageFlag[];
  /** Which `clear` of this file, counted from 0, the read is measured from; null if none. */
  readonly clear: number | null;
  /** Which `mappings` of this file, counted from 0, the read saw. */
  readonly mappings: number;
  /** One page set for each flag, see `page_set_codec.ts`; a flag that no page has is left out. */
  readonly pages: { readonly [flag in PageFlag]?: Uint8Array };
}

/** A remark of the user. */
export interface MarkEvent {
  readonly type: "mark";
  readonly text: string;
  readonly atNs: number;
}

/** A clear or a read failed, mostly because the process has ended. */
export interface ExitEvent {
  readonly type: "exit";
  readonly pid: number;
  /** The `code` of the error that said so. */
  readonly reason: string;
  readonly atNs: number;
}

/** A process came under watch: it was there at the beginning, or was forked since. */
export interface ComeEvent {
  readonly type: "found" | "fork";
  readonly process: ProcessIdentity;
  /** The process that started it, or took it over. */
  readonly parentPid: number;
  readonly atNs: number;
}

/** A process executed another program some time before: all of its memory is new. */
export interface ExecEvent {
  readonly type: "exec";
  readonly process: ProcessIdentity;
  readonly atNs: number;
}

/** Any record of a trace. */
export type TraceEvent =
  | HeaderEvent
  | ClearRecord
  | MappingsEvent
  | ReadEvent
  | MarkEvent
  | ExitEvent
  | ComeEvent
  | ExecEvent;

/** Events that no call asks for. */
export type Note = MarkEvent | ExitEvent | ComeEvent | ExecEvent;

/** What a record is. */
export type TraceEventType = TraceEvent["type"];
