/**
 * Snapshots of live processes, each recorded as it is made.
 *
 * @module
 */

import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { ArgumentError, hasEnded, isLasting, ProcessError } from "../core/errors.ts";
import { wellFormed } from "../core/plain_text.ts";
import { assertTracks, type ProbeReport } from "../core/probe_report.ts";
import { isSameProcess, type ProcessIdentity } from "../core/process.ts";
import { type ClearEvent, Snapshot, type TrackerKind } from "../core/snapshot.ts";
import type { ClearResult, ReadOptions, ReadResult, TakeResult, Tracker } from "../core/tracker.ts";
import type { TargetWarning } from "../core/target_warning.ts";
import type { HeaderEvent, MarkEvent, WarningEvent } from "../trace/schema.ts";
import { chooseTracker } from "./choose_tracker.ts";
import { type SessionClock, startClock } from "./clock.ts";
import { type KernelAccess, thisKernel, type TrackerOptions } from "./kernel_access.ts";
import { GroupMembers } from "./group_members.ts";
import { defaultPath, liveHeader } from "./live_header.ts";
import { LiveRecording } from "./live_recording.ts";
import { MissedProcesses } from "./missed_processes.ts";
import { NeighbourWatch } from "./neighbour_watch.ts";
import type { RecordingOptions } from "../files/recorder.ts";
import type { Member, ProcessGroup, SnapshotSource } from "./source.ts";
import { UntrackedMembers } from "./untracked_members.ts";

/** How to track and record. */
export interface LiveOptions extends TrackerOptions, RecordingOptions {
  /** The process to use when no pid is given. */
  readonly pid?: number | undefined;
  /** What is to be tracked, which `auto` looks at before it chooses; by default `pid`. */
  readonly tracks?: readonly (number | ProcessGroup)[] | undefined;
  /** The trace to write; null to record nothing. By default a new file in `recordings/`. */
  readonly output?: string | null | undefined;
  /** How to track; `auto` takes the best that the kernel was proven to have. */
  readonly tracker?: TrackerKind | "auto" | undefined;
  /** Called with what the user should know of a process; the trace has it as well. */
  readonly onWarning?: ((warning: WarningEvent) => void) | undefined;
}

/** The same, of a kernel that the caller chooses, as a test does. */
export interface LiveSourceOptions extends LiveOptions {
  /** By default the kernel that this program runs on. */
  readonly kernel?: KernelAccess | undefined;
}

/** The longest time that a timer takes; it makes 1 ms of a longer one. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Tracks live processes, and appends what it sees to a trace. */
export class LiveSource implements SnapshotSource {
  readonly defaultPid: number | undefined;
  readonly #kernel: KernelAccess;
  readonly #trackerKind: TrackerKind | "auto";
  readonly #trackerOptions: TrackerOptions;
  readonly #tracks: readonly (number | ProcessGroup)[];
  readonly #clock: SessionClock = startClock();
  readonly #clears = new Map<number, ClearEvent>();
  readonly #lastReads = new Map<number, Snapshot>();
  readonly #groups = new Map<string, GroupMembers>();
  #report: ProbeReport | undefined;
  #tracker: Tracker | undefined;
  readonly #recording: LiveRecording;
  readonly #neighbours: NeighbourWatch;
  readonly #onWarning: (warning: WarningEvent) => void;
  /** The processes that live and are not tracked. */
  readonly untracked = new UntrackedMembers();
  #folioPages: readonly number[] | undefined;
  #snapshotCount = 0;
  #memberCount = 0;
  #missed: MissedProcesses | undefined;

  constructor(options: LiveSourceOptions = {}) {
    this.defaultPid = options.pid;
    const path = options.output === null
      ? undefined
      : options.output ?? defaultPath(this.#clock.originUnixMs, options.pid);
    this.#recording = new LiveRecording(path, () => this.#header(), options);
    this.#trackerKind = options.tracker ?? "auto";
    this.#trackerOptions = options;
    this.#tracks = options.tracks ?? (options.pid === undefined ? [] : [options.pid]);
    this.#kernel = options.kernel ?? thisKernel();
    this.#neighbours = new NeighbourWatch(this.#kernel, options);
    this.#onWarning = options.onWarning ?? (() => {});
  }

  /**
   * How many processes of the group came and went between two looks at it; null if that is not known, as
   * without the rights for it, in a container, or of several groups. 0 where there is no group.
   */
  get missedCount(): number | null {
    if (this.#groups.size > 1) return null;
    return this.#missed === undefined ? 0 : this.#missed.count;
  }

  /** How many processes were found in groups, those too that are gone. */
  get memberCount(): number {
    return this.#memberCount;
  }

  readonly replayed = undefined;

  get tracePath(): string | undefined {
    return this.#recording.path;
  }

  /** The files that there are of the trace: several if it was rotated. */
  get traceFiles(): readonly string[] {
    return this.#recording.files;
  }

  probe(): ProbeReport {
    return this.#chosen(this.#tracks);
  }

  #chosen(tracks: readonly (number | ProcessGroup)[]): ProbeReport {
    return this.#report ??= chooseTracker(
      this.#kernel,
      this.#trackerKind,
      this.#pidsToTrack(tracks),
      this.#trackerOptions,
    );
  }

  /** Those that exist now. A missing one is reported when its tracking begins. */
  #pidsToTrack(tracks: readonly (number | ProcessGroup)[]): number[] {
    if (this.#trackerKind !== "auto") return [];
    return tracks.flatMap((one) => {
      if (typeof one === "number") return [one];
      try {
        return this.#kernel.members(one, []).map(({ pid }) => pid);
      } catch (error) {
        if (error instanceof ProcessError) return [];
        throw error;
      }
    });
  }

  clear(pid: number): ClearEvent {
    const { isReplaced, ...clearing } = this.#attemptChange(pid, (tracker) => tracker.clear(pid));
    this.#noteExec({ ...clearing, isReplaced });
    const before = this.#lastReads.get(pid);
    const unseenNs = before !== undefined && isSameProcess(before.process, clearing.process)
      ? clearing.atNs + clearing.durationNs - before.atNs
      : 0;
    return this.#cleared({ type: "clear", ...clearing, unseenNs });
  }

  read(pid: number, options?: ReadOptions): Snapshot {
    return this.#observed(this.#attempt(pid, (tracker) => tracker.read(pid, options)));
  }

  take(pid: number, options?: ReadOptions): Snapshot {
    const { observation, clearing: { isReplaced: _, ...clearing }, unseenNs } = this.#attemptChange(
      pid,
      (tracker) => tracker.take(pid, options),
    );
    const snapshot = this.#observed(observation);
    this.#cleared({ type: "clear", ...clearing, unseenNs });
    const warnings = this.#neighbours.during(snapshot.tracker, pid);
    if (warnings.length > 0) this.#warn(snapshot.process, this.#clock.nowNs(), warnings);
    return snapshot;
  }

  /** After an exec, earlier clears and reads no longer apply: the address space is new. */
  #noteExec(
    { process, isReplaced, atNs }: Pick<ClearResult, "process" | "isReplaced" | "atNs">,
  ): void {
    if (!isReplaced) return;
    this.#clears.delete(process.pid);
    this.#lastReads.delete(process.pid);
    this.#neighbours.replaced(process.pid);
    this.#recording.note({ type: "exec", process, atNs });
  }

  #cleared(event: ClearEvent): ClearEvent {
    this.#clears.set(event.process.pid, event);
    this.#recording.write((writer) => writer.clear(event));
    return event;
  }

  #observed({ isReplaced, ...observation }: ReadResult): Snapshot {
    this.#noteExec({ ...observation, isReplaced });
    const { pid } = observation.process;
    const clear = this.#clears.get(pid);
    const snapshot = new Snapshot({
      ...observation,
      conditions: { ...observation.conditions, folioPages: this.#foliosAtStart() },
      pageSizeBytes: this.#start().pageSizeBytes,
      tracker: this.#start().kind,
      sinceClear: clear && isSameProcess(clear.process, observation.process) ? clear : null,
      originUnixMs: this.#clock.originUnixMs,
      index: this.#snapshotCount,
    });
    this.#lastReads.set(pid, snapshot);
    this.#recording.write((writer) => writer.read(snapshot));
    this.#snapshotCount++;
    return snapshot;
  }

  members(group: ProcessGroup): Member[] {
    const tracker = this.#start();
    const key = JSON.stringify(group);
    const members = this.#groups.get(key) ?? this.#newGroup(group);
    this.#groups.set(key, members);
    return members.look(this.#clock.nowNs, (event) => {
      if (event.type === "exit") {
        this.untracked.ended(event.pid);
        this.#release(tracker, event.pid);
      } else if (event.type === "found" || event.type === "fork") this.#memberCount++;
      if (event.type === "fork") this.#neighbours.forked(event.process.pid);
      this.#recording.note(event);
    });
  }

  /** Forks are counted for one group: each one that counts hears of all forks of the machine. */
  #newGroup(group: ProcessGroup): GroupMembers {
    const forks = this.#missed === undefined ? this.#kernel.watchForks() : undefined;
    const missed = new MissedProcesses(forks);
    this.#missed ??= missed;
    return new GroupMembers(this.#kernel, group, missed);
  }

  mark(text: string): MarkEvent {
    const event: MarkEvent = {
      type: "mark",
      text: wellFormed(String(text)),
      atNs: this.#clock.nowNs(),
    };
    this.#recording.note(event);
    return event;
  }

  async wait(durationMs: number, signal?: AbortSignal): Promise<void> {
    if (!(durationMs >= 0)) throw new ArgumentError(`Cannot wait for ${durationMs} ms`);
    // Signals and keys have their turn, also where nothing is to be waited for.
    if (durationMs === 0) await turn();
    for (let left = durationMs; left > 0 && !signal?.aborted; left -= LONGEST_TIMER_MS) {
      await sleep(Math.min(left, LONGEST_TIMER_MS), undefined, signal && { signal }).catch(
        (cause) => {
          if (!signal?.aborted) throw cause;
        },
      );
    }
  }

  async act<T>(action: () => T | Promise<T>): Promise<T> {
    return await action();
  }

  close(): void {
    this.#tracker?.close();
    this.#missed?.close();
    try {
      const { missedCount } = this;
      if (this.#tracker !== undefined && missedCount !== null && missedCount > 0) {
        this.mark(`${missedCount} processes of the group came and went between two looks at it`);
      }
    } finally {
      this.#tracker = undefined;
      this.#recording.close();
    }
  }

  /**
   * Records from here on, into a new file in `recordings/`. The next read is recorded with the clear
   * before it.
   *
   * @throws TraceError if the file cannot be created.
   */
  startRecording(): void {
    const atNs = this.#clock.nowNs();
    const nowMs = this.#clock.originUnixMs + Math.round(atNs / 1e6);
    this.#recording.start(defaultPath(nowMs, this.defaultPid));
    for (const group of this.#groups.values()) {
      for (const event of group.found(atNs)) this.#recording.note(event);
    }
    for (const member of this.untracked.living) {
      this.#recording.note({ type: "untracked", ...member, atNs });
    }
  }

  /** Ends the recording, not the tracking, and returns its path; undefined if nothing was read. */
  stopRecording(): string | undefined {
    return this.#recording.stop();
  }

  /** The tracker, once the kernel was proven to track. */
  #start(): Tracker {
    if (this.#tracker === undefined) {
      const report = this.probe();
      assertTracks(report);
      const { nowNs } = this.#clock;
      this.#tracker = this.#kernel.createTracker(report.tracker, nowNs, this.#trackerOptions);
    }
    return this.#tracker;
  }

  /** Tries a call that changes something of a process, which is looked at before the first one. */
  #attemptChange<T extends TakeResult | ClearResult>(
    pid: number,
    call: (tracker: Tracker) => T,
  ): T {
    let warnings: readonly TargetWarning[] = [];
    const result = this.#attempt(pid, (tracker) => {
      warnings = this.#neighbours.before(tracker.kind, pid);
      return call(tracker);
    });
    const { process, atNs } = "clearing" in result ? result.observation : result;
    this.#warn(process, atNs, warnings);
    return result;
  }

  #warn(process: ProcessIdentity, atNs: number, warnings: readonly TargetWarning[]): void {
    for (const { code, message } of warnings) {
      const event: WarningEvent = { type: "warning", process, code, message, atNs };
      this.#recording.note(event);
      this.#onWarning(event);
    }
  }

  /**
   * Tries a call. That it failed is recorded, so that a replay fails alike. The file is opened first: if
   * it cannot be, the process is left untouched.
   */
  #attempt<T>(pid: number, call: (tracker: Tracker) => T): T {
    // A session that was not said what it is for is for the first process that it is asked about.
    this.#chosen(this.#tracks.length === 0 ? [pid] : this.#tracks);
    const tracker = this.#start();
    this.#recording.open();
    try {
      const result = call(tracker);
      this.untracked.tracked(pid);
      return result;
    } catch (error) {
      if (error instanceof ProcessError) this.#failed(tracker, pid, error);
      throw error;
    }
  }

  #failed(tracker: Tracker, pid: number, error: ProcessError): void {
    const { code: reason } = error;
    const isAlive = !hasEnded(reason);
    // In a group, its pid may come to mean another process; else it is this one or none.
    const groups = isLasting(reason) ? [...this.#groups.values()] : [];
    if (groups.map((group) => group.drop(pid, isAlive)).includes(true)) this.#release(tracker, pid);
    const atNs = this.#clock.nowNs();
    const process = this.#kernel.identify(pid) ?? { pid, startTimeTicks: 0, command: "" };
    if (!isAlive) this.untracked.ended(pid);
    const untracked = this.untracked.failed(process, error);
    if (this.#recording.isIdle) this.#recording.discard();
    else if (!isAlive) this.#recording.note({ type: "exit", pid, reason, atNs });
    else if (untracked !== undefined) {
      this.#recording.note({ type: "untracked", ...untracked, atNs });
    }
  }

  /** Forgets a process. */
  #release(tracker: Tracker, pid: number): void {
    tracker.release(pid);
    this.#neighbours.release(pid);
    this.#clears.delete(pid);
    this.#lastReads.delete(pid);
  }

  /** Asked for once, so that a replay has what the live session had. */
  #foliosAtStart(): readonly number[] {
    return this.#folioPages ??= this.#kernel.folioPages();
  }

  #header(): HeaderEvent {
    const { pageSizeBytes } = this.#start();
    return liveHeader(
      this.#clock.originUnixMs,
      this.#kernel.release,
      pageSizeBytes,
      this.#foliosAtStart(),
      this.probe(),
    );
  }
}
