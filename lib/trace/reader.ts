/// <reference lib="esnext.disposable" preserve="true" />

/**
 * Reads a trace with random access. In memory are a few numbers for each event and the snapshot that
 * was asked for last, never the whole.
 *
 * @module
 */

import { ArgumentError, isDamaged, TraceError, type TraceErrorCode } from "../core/errors.ts";
import { assertTracks } from "../core/probe_report.ts";
import type { PageSet } from "../core/page_set.ts";
import { partitionPoint } from "../core/partition_point.ts";
import { PageUnion } from "../core/page_union.ts";
import type { ProcessIdentity } from "../core/process.ts";
import { Snapshot } from "../core/snapshot.ts";
import type { SnapshotSeries, UntrackedProcess } from "../core/untracked_process.ts";
import { neverTrackedAgain } from "./untracked_stretches.ts";
import type { ByteSource, TraceProblem } from "./byte_source.ts";
import { JoinedStore } from "./joined_store.ts";
import { LimitError } from "./limits.ts";
import { openStore } from "./open_store.ts";
import { runCountOf } from "./pages_codec.ts";
import { openParts } from "./parts.ts";
import { MissingBaseError } from "./record_at.ts";
import {
  EVENT_TYPES,
  type EventSummary,
  eventTypeOf,
  type HeaderEvent,
  type PlainEvent,
  type TraceEvents,
  type TraceEventType,
} from "./schema.ts";
import type { TraceStore } from "./store.ts";
import { spendingOf } from "./work_budget.ts";

/** The files of a rotated recording. */
export interface TraceFiles {
  /** One for each source; by default each has the name of the trace. */
  readonly files?: readonly string[] | undefined;
  /** Files that should be there and are not. */
  readonly missing?: readonly TraceProblem[] | undefined;
}

/** A trace that is open for reading. */
export class TraceReader implements TraceEvents {
  /** Its file, or another name for where the bytes come from. */
  readonly name: string;
  /** The files that it is read from, in order: one, unless the recording was rotated. */
  readonly files: readonly string[];
  /** Size of all of its files together. */
  readonly sizeBytes: number;
  /** What could not be read; empty if the trace is whole. */
  readonly problems: readonly TraceProblem[];
  readonly #sources: readonly ByteSource[];
  readonly #store: TraceStore;
  readonly #reads: Int32Array;
  #untrackedProcesses: readonly UntrackedProcess[] | undefined;

  /**
   * Finds all records.
   *
   * @param sources the bytes of the file, or of each file of a recording that was rotated, in order
   * @throws TraceError if the bytes are not a trace, or one of a newer version.
   */
  constructor(
    sources: ByteSource | readonly ByteSource[],
    name: string,
    { files, missing = [] }: TraceFiles = {},
  ) {
    this.name = name;
    this.#sources = Array.isArray(sources) ? sources : [sources as ByteSource];
    this.sizeBytes = this.#sources.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const names = files ?? this.#sources.map(() => name);
    if (this.#sources.length === 1 && missing.length === 0) {
      this.#store = openStore(this.#sources[0], names[0]);
      this.files = names;
      this.problems = this.#store.problems;
    } else {
      const { parts, problems } = openParts(this.#sources, names);
      this.#store = new JoinedStore(parts);
      this.files = parts.map(({ file }) => file);
      this.problems = [...missing, ...problems, ...this.#store.problems];
    }
    this.#reads = this.#store.events.ofType(EVENT_TYPES.read);
  }

  /** What the file says of itself. */
  get header(): HeaderEvent {
    return this.#store.header;
  }

  /** True if the file has its index, as it has unless its writer was cut off. */
  get isIndexed(): boolean {
    return this.#store.isIndexed;
  }

  /**
   * Closes the files. What is read afterwards throws a TraceError with the code `closed`; snapshots that
   * were read stay as they are.
   */
  close(): void {
    for (const source of this.#sources) source.close?.();
  }

  /** The same, at the end of a block that began with `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** How many events there are: clears, reads, marks, and what became of processes. */
  get eventCount(): number {
    return this.#store.events.length;
  }

  /** How many snapshots there are. */
  get snapshotCount(): number {
    return this.#reads.length;
  }

  /** The kind of an event, without decoding it. */
  typeOf(eventIndex: number): TraceEventType | undefined {
    return !(eventIndex >= 0 && eventIndex < this.eventCount)
      ? undefined
      : eventTypeOf(this.#store.events.type(eventIndex));
  }

  /**
   * What is known of an event without decoding it.
   *
   * @throws ArgumentError if there is no event of this number.
   */
  summary(eventIndex: number): EventSummary {
    const type = this.typeOf(eventIndex);
    if (type === undefined) {
      throw new ArgumentError(
        `${this.name} has ${this.eventCount} events and no event ${eventIndex}`,
      );
    }
    const { events } = this.#store;
    return {
      type,
      atNs: events.timeNs(eventIndex),
      process: this.#store.process(events.process(eventIndex)),
    };
  }

  /**
   * An event by its number; a read is a snapshot.
   *
   * @throws TraceError if the record is damaged.
   */
  event(eventIndex: number): PlainEvent | Snapshot {
    const { type } = this.summary(eventIndex);
    if (type === "read") {
      const number = partitionPoint(this.#reads.length, (i) => this.#reads[i] < eventIndex);
      return this.#snapshot(eventIndex, number);
    }
    return this.#checked(eventIndex, type, () => this.#store.plain(eventIndex));
  }

  /**
   * Walks all events, decoding one at a time.
   *
   * @param onDamaged is handed each record that is damaged, which is then passed over
   * @param onWork is called after each event with the units of work that it took, of which a mapping is
   *   one and four runs of pages are one; it can throw to end the walk. By default a walk has a limit that
   *   the size of the trace sets.
   * @throws TraceError at a damaged record, if there is no `onDamaged`; and if it takes too much work.
   */
  *events(
    onDamaged?: (error: TraceError) => void,
    onWork: (units: number) => void = spendingOf(this),
  ): Generator<PlainEvent | Snapshot, void, void> {
    for (let i = 0; i < this.eventCount; i++) {
      const event = this.readable(i, onWork, onDamaged);
      if (event !== undefined) yield event;
    }
  }

  /**
   * An event as a walk decodes it; undefined if it is damaged and there is an `onDamaged`.
   *
   * @param onWork and `onDamaged` as of {@linkcode events}
   * @throws TraceError at a damaged record, if there is no `onDamaged`.
   */
  readable(
    eventIndex: number,
    onWork: (units: number) => void,
    onDamaged?: (error: TraceError) => void,
  ): PlainEvent | Snapshot | undefined {
    return this.#readable(() => this.event(eventIndex), onWork, onDamaged);
  }

  /**
   * Walks the snapshots alone, as {@linkcode events} walks all.
   *
   * @param isMeant those of other processes are passed over, and not decoded
   */
  *readableSnapshots(
    onDamaged?: (error: TraceError) => void,
    onWork: (units: number) => void = spendingOf(this),
    isMeant: (process: ProcessIdentity) => boolean = () => true,
  ): Generator<Snapshot, void, void> {
    for (let i = 0; i < this.snapshotCount; i++) {
      const { process } = this.summary(this.#reads[i]);
      if (process !== undefined && !isMeant(process)) continue;
      const snapshot = this.#readable(() => this.at(i), onWork, onDamaged);
      if (snapshot !== undefined) yield snapshot;
    }
  }

  /** An event, or undefined if it is damaged. */
  #readable<T extends PlainEvent | Snapshot>(
    read: () => T,
    onWork: (units: number) => void,
    onDamaged: ((error: TraceError) => void) | undefined,
  ): T | undefined {
    const before = this.#store.work;
    let event: T | undefined;
    try {
      event = read();
    } catch (error) {
      if (onDamaged === undefined || !isDamaged(error)) throw error;
      onDamaged(error);
    }
    onWork(this.#store.work - before + workOf(event));
    return event;
  }

  /**
   * A snapshot by its number; negative numbers count from the end.
   *
   * @throws TraceError if there is none of that number, or its record is damaged.
   */
  at(index: number): Snapshot {
    const number = index < 0 ? this.snapshotCount + index : index;
    const eventIndex = this.#reads[number];
    if (eventIndex !== undefined) return this.#snapshot(eventIndex, number);
    throw this.#error(
      "no-such-snapshot",
      `${this.name} has no snapshot ${index}`,
      this.snapshotCount === 0
        ? "It has none at all"
        : `It has ${this.snapshotCount}: 0 to ${this.snapshotCount - 1}`,
    );
  }

  /** The number of the last snapshot that was read at this time or before; -1 if there is none. */
  indexAt(atNs: number): number {
    const { events } = this.#store;
    return partitionPoint(this.#reads.length, (i) => events.timeNs(this.#reads[i]) <= atNs) - 1;
  }

  /** The numbers of the snapshots of one process. */
  indexesOf(pid: number): number[] {
    const { events } = this.#store;
    const found: number[] = [];
    this.#reads.forEach((eventIndex, number) => {
      if (this.#store.process(events.process(eventIndex))?.pid === pid) found.push(number);
    });
    return found;
  }

  /** All snapshots in order, decoded one at a time; each walk begins with the first. */
  get snapshots(): SnapshotSeries & AsyncIterable<Snapshot> {
    return {
      [Symbol.iterator]: () => this.#walkSnapshots(this.snapshotCount),
      [Symbol.asyncIterator]: () => this.#walkGently(),
      untrackedProcesses: this.#untrackedProcesses ??= neverTrackedAgain(this),
    };
  }

  /**
   * The snapshots among the events before one, as {@linkcode snapshots} is of all: with the processes that
   * were untracked at that event.
   *
   * @param eventIndex the number of an event, or the number of events for all
   */
  snapshotsBefore(eventIndex: number): SnapshotSeries {
    const count = partitionPoint(this.#reads.length, (i) => this.#reads[i] < eventIndex);
    return {
      [Symbol.iterator]: () => this.#walkSnapshots(count),
      untrackedProcesses: neverTrackedAgain(this, eventIndex),
    };
  }

  *#walkSnapshots(count: number): Generator<Snapshot, void, void> {
    const onWork = spendingOf(this);
    for (let i = 0; i < count; i++) yield this.#spending(i, onWork);
  }

  #spending(index: number, onWork: (units: number) => void): Snapshot {
    const before = this.#store.work;
    const snapshot = this.at(index);
    onWork(this.#store.work - before + workOf(snapshot));
    return snapshot;
  }

  /** Lets others have their turn between two snapshots. */
  async *#walkGently(): AsyncGenerator<Snapshot, void, void> {
    const onWork = spendingOf(this);
    for (let i = 0; i < this.snapshotCount; i++) yield await this.#spending(i, onWork);
  }

  /**
   * The pages that are dirty in some of the snapshots: the same as uniting the `dirty` of each, and many
   * times faster.
   *
   * @param from the number of the first snapshot
   * @param to the number after the last one
   * @throws TraceError if one of them is damaged; and if it takes too much work.
   */
  dirtyUnion(from = 0, to = this.snapshotCount): PageSet {
    assertTracks(this.header.probe);
    const union = new PageUnion();
    const add = this.#store.addingDirty(union);
    const onWork = spendingOf(this);
    for (let i = from; i < to; i++) {
      const eventIndex = this.#reads[i];
      const before = this.#store.work;
      this.#checked(eventIndex, "read", () => add(eventIndex));
      onWork(this.#store.work - before);
    }
    return union.toPageSet();
  }

  #snapshot(eventIndex: number, number: number): Snapshot {
    assertTracks(this.header.probe);
    return this.#checked(eventIndex, "read", () => this.#store.snapshot(eventIndex, number));
  }

  #checked<T>(eventIndex: number, type: string, decode: () => T): T {
    try {
      return decode();
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      const offset = this.#store.events.offset(eventIndex);
      const store = this.#store;
      const file = store instanceof JoinedStore ? store.fileOf(eventIndex) : this.files[0];
      const isTooLarge = cause instanceof LimitError;
      throw this.#error(
        isTooLarge ? "too-large" : "damaged",
        `The ${type} record at byte ${offset} of ${file} ${
          isTooLarge ? "is too large" : cause instanceof MissingBaseError ? "is lost" : "is damaged"
        }: ${cause.message}`,
        "The other records can be read",
        cause,
      );
    }
  }

  #error(code: TraceErrorCode, message: string, hint: string, cause?: unknown): TraceError {
    return new TraceError(code, this.name, message, hint, { cause });
  }
}

/** What there is to do with any event, however small. */
const WORK_OF_EVENT = 400;

/** What it takes to look at an event: measures are linear in its runs, four of which make a unit. */
function workOf(event: PlainEvent | Snapshot | undefined): number {
  return WORK_OF_EVENT + (event instanceof Snapshot ? runCountOf(event.pages) / 4 : 0);
}
