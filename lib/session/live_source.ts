/**
 * Snapshots of live processes, each recorded as it is made.
 *
 * @module
 */

import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { ProcessError } from "../core/errors.ts";
import { assertTracks, type ProbeReport } from "../core/probe_report.ts";
import { isSameProcess } from "../core/process.ts";
import { type ClearEvent, Snapshot, type TrackerKind } from "../core/snapshot.ts";
import type { Tracker } from "../core/tracker.ts";
import { VERSION } from "../core/version.ts";
import { FORMAT_NAME, FORMAT_VERSION, type HeaderEvent, type MarkEvent } from "../trace/schema.ts";
import { TraceWriter } from "../trace/writer.ts";
import { type SessionClock, startClock } from "./clock.ts";
import { type Closable, createByteSink } from "./files.ts";
import { type KernelAccess, thisKernel } from "./kernel_access.ts";
import type { SnapshotSource } from "./source.ts";

/** How to track and record. */
export interface LiveOptions {
  /** The process that is meant when no pid is given. */
  readonly pid?: number | undefined;
  /** The trace to write; null to record nothing. By default a new file in `recordings/`. */
  readonly output?: string | null | undefined;
  /** How to track; `auto` takes the best that the kernel was proven to have. */
  readonly tracker?: TrackerKind | "auto";
  /** The kernel to ask; by default the one that this program runs on. */
  readonly kernel?: KernelAccess;
}

/** Codes of errors that mean the end of what was tracked. */
const ENDS = new Set(["process-exited", "pid-reused", "zombie"]);

/** Tracks with soft-dirty, and appends what it sees to a trace. */
export class LiveSource implements SnapshotSource {
  readonly defaultPid: number | undefined;
  readonly tracePath: string | undefined;
  readonly #kernel: KernelAccess;
  readonly #trackerKind: TrackerKind | "auto";
  readonly #clock: SessionClock = startClock();
  readonly #clears = new Map<number, ClearEvent>();
  readonly #ended = new Set<number>();
  #tracker: Tracker | undefined;
  #recorder: { readonly file: Closable; readonly writer: TraceWriter } | undefined;
  #snapshotCount = 0;

  constructor(options: LiveOptions = {}) {
    this.defaultPid = options.pid;
    this.tracePath = options.output === null
      ? undefined
      : options.output ?? defaultPath(this.#clock.originUnixMs, options.pid);
    this.#trackerKind = options.tracker ?? "auto";
    this.#kernel = options.kernel ?? thisKernel();
  }

  probe(): ProbeReport {
    return this.#kernel.probe();
  }

  clear(pid: number): ClearEvent {
    const clearing = this.#attempt(pid, (tracker) => tracker.clear(pid));
    const event: ClearEvent = { type: "clear", ...clearing };
    this.#clears.set(pid, event);
    this.#writer()?.clear(event);
    return event;
  }

  read(pid: number): Snapshot {
    const observation = this.#attempt(pid, (tracker) => tracker.read(pid));
    const clear = this.#clears.get(pid);
    const snapshot = new Snapshot({
      ...observation,
      pageSizeBytes: this.#start().pageSizeBytes,
      tracker: this.#start().kind,
      sinceClear: clear && isSameProcess(clear.process, observation.process) ? clear : null,
      originUnixMs: this.#clock.originUnixMs,
      index: this.#snapshotCount,
    });
    this.#writer()?.read(snapshot);
    this.#snapshotCount++;
    return snapshot;
  }

  mark(text: string): MarkEvent {
    const event: MarkEvent = { type: "mark", text, atNs: this.#clock.nowNs() };
    this.#writer()?.note(event);
    return event;
  }

  async wait(durationMs: number, signal?: AbortSignal): Promise<void> {
    await sleep(durationMs, undefined, signal && { signal }).catch((cause) => {
      if (!signal?.aborted) throw cause;
    });
  }

  close(): void {
    this.#tracker?.close();
    this.#recorder?.file.close();
    this.#tracker = undefined;
    this.#recorder = undefined;
  }

  /** The tracker, once the kernel was proven to track. */
  #start(): Tracker {
    if (this.#tracker === undefined) {
      assertTracks(this.probe());
      this.#tracker = this.#kernel.createTracker(this.#trackerKind, this.#clock.nowNs);
    }
    return this.#tracker;
  }

  /** Tries a call, and records that the process ended if that is why it fails. */
  #attempt<T>(pid: number, call: (tracker: Tracker) => T): T {
    const tracker = this.#start();
    try {
      return call(tracker);
    } catch (error) {
      if (error instanceof ProcessError && ENDS.has(error.code) && !this.#ended.has(pid)) {
        this.#ended.add(pid);
        const event = { type: "exit", pid, reason: error.code, atNs: this.#clock.nowNs() } as const;
        this.#recorder?.writer.note(event);
      }
      throw error;
    }
  }

  /** The writer; the file is created with the first event, so that an idle session leaves none. */
  #writer(): TraceWriter | undefined {
    if (this.tracePath === undefined) return undefined;
    if (this.#recorder === undefined) {
      const file = createByteSink(this.tracePath);
      this.#recorder = { file, writer: new TraceWriter(file, this.#header(this.#start())) };
    }
    return this.#recorder.writer;
  }

  #header(tracker: Tracker): HeaderEvent {
    return {
      type: "header",
      format: FORMAT_NAME,
      version: FORMAT_VERSION,
      writer: `softdirty ${VERSION}`,
      originUnixMs: this.#clock.originUnixMs,
      host: {
        hostname: hostname(),
        kernelRelease: this.#kernel.release,
        arch: process.arch,
        pageSizeBytes: tracker.pageSizeBytes,
      },
      tracker: tracker.kind,
      probe: this.probe(),
    };
  }
}

/** `recordings/20261123T153518.123Z-pid42.sdtrace`: sorts by time, and is new each millisecond. */
function defaultPath(originUnixMs: number, pid: number | undefined): string {
  const time = new Date(originUnixMs).toISOString().replace(/[-:]/g, "");
  return `recordings/${time}${pid === undefined ? "" : `-pid${pid}`}.sdtrace`;
}
