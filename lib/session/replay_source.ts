/**
 * Snapshots of a trace, in the order in which they were recorded.
 *
 * @module
 */

import { isLasting, ProcessError, type ProcessErrorCode, ReplayError } from "../core/errors.ts";
import { wellFormed } from "../core/plain_text.ts";
import type { ProbeReport } from "../core/probe_report.ts";
import { type ClearEvent, Snapshot } from "../core/snapshot.ts";
import type { SnapshotSeries } from "../core/untracked_process.ts";
import { pidOf } from "../trace/of_process.ts";
import type { TraceReader } from "../trace/reader.ts";
import type { ExitEvent, MarkEvent, UntrackedEvent } from "../trace/schema.ts";
import { boundedSnapshots } from "../files/memory_guard.ts";
import type { Member, SnapshotSource } from "./source.ts";

/** Events that answer no call. */
const NOTES: ReadonlySet<string> = new Set(["mark", "found", "fork", "exec", "warning"]);
/** Events that a look at the members of a group passes. */
const PASSING: ReadonlySet<string> = new Set([...NOTES, "exit", "untracked"]);

type RecordedEvent = ReturnType<TraceReader["event"]>;

/** Answers each call with the event that was recorded for it. It closes the trace when it is closed. */
export class ReplaySource implements SnapshotSource {
  readonly defaultPid: number | undefined;
  readonly tracePath: string;
  readonly #trace: TraceReader;
  /** The members of the group that is watched, and whether each was there at the beginning. */
  readonly #members = new Map<number, boolean>();
  /** Members that could not be tracked, as long as that was so, and why. */
  readonly #failed = new Map<number, ProcessError>();
  #next = 0;
  /** When the event before the next one happened. */
  #lastNs = 0;

  constructor(trace: TraceReader, pid?: number) {
    this.#trace = trace;
    this.tracePath = trace.name;
    this.defaultPid = pid ?? firstPid(trace);
  }

  get replayed(): SnapshotSeries {
    const end = this.#next === 0 ? this.#trace.eventCount : this.#next;
    return boundedSnapshots(this.#trace, this.#trace.snapshotsBefore(end));
  }

  probe(): ProbeReport {
    return this.#trace.header.probe;
  }

  clear(pid: number): ClearEvent {
    const event = this.#take("clear", pid);
    if (event instanceof Snapshot || event.type !== "clear") {
      throw this.#mismatch("clear", pid, event);
    }
    this.#pass(event.atNs);
    return event;
  }

  read(pid: number): Snapshot {
    const event = this.#take("read", pid);
    if (!(event instanceof Snapshot)) throw this.#mismatch("read", pid, event);
    this.#pass(event.atNs);
    return event;
  }

  /** A take was recorded as a read and the clear after it, which is missing at the end of some traces. */
  take(pid: number): Snapshot {
    const snapshot = this.read(pid);
    let next = this.#next;
    while (NOTES.has(this.#trace.typeOf(next) ?? "")) next++;
    if (this.#trace.typeOf(next) === "clear" && pidOf(this.#trace.event(next)) === pid) {
      this.clear(pid);
    }
    return snapshot;
  }

  /** As the events of who came and who went say that stand next. */
  members(): Member[] {
    const isNew = new Set<number>();
    for (;; this.#next++) {
      const event = this.#passing(this.#next) ? this.#trace.event(this.#next) : undefined;
      if (event === undefined || event instanceof Snapshot) break;
      if (event.type === "found" || event.type === "fork") {
        this.#members.set(event.process.pid, event.type === "found");
        isNew.add(event.process.pid);
      } else if (event.type === "exit" || event.type === "untracked") {
        if (isLasting(event.reason)) this.#members.delete(pidOf(event)!);
      }
    }
    return [...this.#members].map(([pid, wasFound]) => ({ pid, wasFound, isNew: isNew.has(pid) }));
  }

  /** True for an event that no call asked for. */
  #passing(index: number): boolean {
    const type = this.#trace.typeOf(index);
    return type !== undefined && PASSING.has(type);
  }

  /** Finds the mark among those that stand next. One that was not recorded changes nothing. */
  mark(remark: string): MarkEvent {
    const text = wellFormed(String(remark));
    let latestNs = this.#lastNs;
    for (let i = this.#next;; i++) {
      const type = this.#trace.typeOf(i);
      if (type === "warning") continue;
      if (type !== "mark") break;
      const event = this.#trace.event(i) as MarkEvent;
      if (event.text === text) {
        this.#next = i + 1;
        this.#lastNs = event.atNs;
        return event;
      }
      latestNs = event.atNs;
    }
    return { type: "mark", text, atNs: latestNs };
  }

  wait(): Promise<void> {
    return Promise.resolve();
  }

  act(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  close(): void {
    this.#trace.close();
  }

  /** The next event that is no note, if it is about this process. */
  #take(call: "clear" | "read", pid: number): RecordedEvent {
    while (NOTES.has(this.#trace.typeOf(this.#next) ?? "")) this.#next++;
    if (this.#next >= this.#trace.eventCount) {
      throw new ReplayError(
        "replay-ended",
        this.#next,
        `${call}(${pid}) was asked for, but ${this.tracePath} ends after ${this.#next} events`,
      );
    }
    const event = this.#trace.event(this.#next);
    if (pidOf(event) !== pid) throw this.#failed.get(pid) ?? this.#mismatch(call, pid, event);
    this.#failed.delete(pid);
    if (!(event instanceof Snapshot) && (event.type === "exit" || event.type === "untracked")) {
      this.#pass(event.atNs);
      throw this.#failure(pid, event);
    }
    return event;
  }

  /** A call failed here. That it fails again for the same reason was not recorded. */
  #failure(pid: number, event: ExitEvent | UntrackedEvent): ProcessError {
    const where = `when ${this.tracePath} was recorded (event ${this.#next - 1})`;
    const what = event.type === "exit"
      ? `Process ${pid} had ended here ${where}`
      : `Process ${pid} could not be tracked here ${where}: ${event.message}`;
    const error = new ProcessError(event.reason as ProcessErrorCode, pid, what);
    if (isLasting(event.reason)) this.#members.delete(pid);
    else this.#failed.set(pid, error);
    return error;
  }

  #pass(atNs: number): void {
    this.#next++;
    this.#lastNs = atNs;
  }

  #mismatch(call: string, pid: number, event: RecordedEvent): ReplayError {
    const type = event instanceof Snapshot ? "read" : event.type;
    return new ReplayError(
      "replay-mismatch",
      this.#next,
      `${call}(${pid}) was asked for, but event ${this.#next} of ${this.tracePath} is ${type}(${
        pidOf(event)
      })`,
      "A replay answers calls in the order in which they were recorded; sd.open(file) reads in any order",
    );
  }
}

/** The pid of the first event that has one. */
function firstPid(trace: TraceReader): number | undefined {
  for (let i = 0; i < trace.eventCount; i++) {
    const { type, process } = trace.summary(i);
    if (process !== undefined) return process.pid;
    if (type === "exit") return pidOf(trace.event(i));
  }
}
