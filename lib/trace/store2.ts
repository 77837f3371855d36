/**
 * Files of version 2.
 *
 * @module
 */

import { partitionPoint } from "../core/partition_point.ts";
import type { PageUnion } from "../core/page_union.ts";
import { isSameProcess, type ProcessIdentity } from "../core/process.ts";
import {
  type ClearEvent,
  type PageSets,
  type ReadConditions,
  Snapshot,
  UNKNOWN_CONDITIONS,
} from "../core/snapshot.ts";
import type { Beginning } from "./beginning.ts";
import type { ByteSource, TraceProblem } from "./byte_source.ts";
import { count, fail } from "./checks.ts";
import { type EventColumns, NO_PROCESS } from "./columns.ts";
import type { TraceContents } from "./contents.ts";
import { DirtyPages } from "./dirty_pages.ts";
import {
  decodeClear,
  decodeNote,
  decodeRead,
  type ReadMode,
  type ReadRecord,
  type RecordedConditions,
} from "./event_codec.ts";
import { LimitError } from "./limits.ts";
import { MappingLists } from "./mapping_lists.ts";
import { decodePages, runCountOf } from "./pages_codec.ts";
import { readIndex } from "./read_index.ts";
import { readBase, recordAt } from "./record_at.ts";
import { scanTrace } from "./scan.ts";
import {
  EVENT_TYPES,
  eventTypeOf,
  type HeaderEvent,
  MAX_READS_OF_KEYFRAME,
  type PlainEvent,
} from "./schema.ts";
import type { TraceStore } from "./store.ts";

/** So many keyframes are kept, if they have no more runs together than this, and always the last one. */
const MAX_KEYFRAMES = 16;
const MAX_KEYFRAME_RUNS = 1 << 19;
const MAX_KEPT_ERRORS = 1024;

const TOO_MANY = "it depends on too many records";

/** A read with all that it takes over from earlier ones. */
interface ResolvedRead {
  readonly eventIndex: number;
  /** The event that is the keyframe which it depends on, or is. */
  readonly keyframe: number;
  readonly record: ReadRecord;
  readonly how: ReadMode;
  readonly mappings: number;
  readonly pages: PageSets;
}

/** One file. */
export class Store2 implements TraceStore {
  readonly header: HeaderEvent;
  readonly isIndexed: boolean;
  readonly problems: readonly TraceProblem[];
  readonly #source: ByteSource;
  readonly #contents: TraceContents;
  readonly #reads: Int32Array;
  readonly #clears: Int32Array;
  /** How many reads of the same process stand before each read. */
  readonly #ranks: Int32Array;
  readonly #lists: MappingLists;
  /** Reads that are too large, which others are delta-encoded against. */
  readonly #tooLargeReads = new Map<number, LimitError>();
  /** Keyframes that were needed lately, the last one last: the next reads are delta-encoded against them too. */
  readonly #keyframes = new Map<number, ResolvedRead>();
  /** Their runs. */
  #keptRuns = 0;
  #work = 0;
  #lastRecorded: RecordedConditions | undefined;
  #lastConditions = UNKNOWN_CONDITIONS;

  /** @param beginning what was read of the file */
  constructor(source: ByteSource, { header, bodyOffset, problems }: Beginning) {
    this.#source = source;
    this.header = header;
    const indexed = readIndex(source);
    this.isIndexed = indexed !== undefined;
    this.#contents = indexed ?? scanTrace(source, bodyOffset);
    this.problems = [...problems, ...this.#contents.problems];
    this.#reads = this.events.ofType(EVENT_TYPES.read);
    this.#clears = this.events.ofType(EVENT_TYPES.clear);
    this.#ranks = ranksOf(this.events, this.#reads);
    this.#lists = new MappingLists(source, this.#contents.mappings);
  }

  get events(): EventColumns {
    return this.#contents.events;
  }

  get work(): number {
    return this.#work + this.#lists.work;
  }

  process(number: number): ProcessIdentity | undefined {
    return this.#contents.processes.get(number);
  }

  plain(eventIndex: number): PlainEvent {
    const type = eventTypeOf(this.events.type(eventIndex))!;
    if (type === "clear") return this.#clear(eventIndex);
    const value = this.#value(eventIndex);
    const { process, event } = decodeNote(type, value, (number) => this.#identity(number));
    this.#assertAsIndexed(eventIndex, process, event.atNs, -1);
    return event;
  }

  snapshot(eventIndex: number, index: number): Snapshot {
    const { record, how, mappings, pages } = this.#resolve(eventIndex);
    const { atNs, durationNs, stoppedNs, clear, conditions } = record;
    const process = this.#identity(record.process);
    const sinceClear = clear === null
      ? null
      : this.#clearBefore(this.#numbered(this.#clears, clear, "clear"));
    if (sinceClear !== null && !isSameProcess(sinceClear.process, process)) {
      throw new RangeError(`it refers to clear ${clear}, which is of another process`);
    }
    return new Snapshot({
      process,
      pageSizeBytes: this.header.host.pageSizeBytes,
      vmas: this.#lists.at(mappings),
      pages,
      tracker: this.header.tracker,
      readBy: how.readBy,
      known: how.known,
      conditions: this.#conditionsOf(conditions),
      atNs,
      durationNs,
      stoppedNs,
      sinceClear,
      originUnixMs: this.header.originUnixMs,
      index,
    });
  }

  /** Mostly none was recorded: then all snapshots have the same object. */
  #conditionsOf(recorded: RecordedConditions): ReadConditions {
    if (recorded !== this.#lastRecorded) {
      const { folioPages = UNKNOWN_CONDITIONS.folioPages } = this.header.host;
      this.#lastConditions = { ...recorded, folioPages };
      this.#lastRecorded = recorded;
    }
    return this.#lastConditions;
  }

  addingDirty(union: PageUnion): (eventIndex: number) => void {
    const dirty = new DirtyPages(union);
    return (eventIndex) =>
      dirty.add(this.#readRecord(eventIndex), () => this.snapshot(eventIndex, 0).dirty);
  }

  /** Goes back to a keyframe, and from there on to the read. */
  #resolve(eventIndex: number): ResolvedRead {
    const chain: { readonly at: number; readonly record: ReadRecord }[] = [];
    let resolved: ResolvedRead | undefined;
    for (let at = eventIndex;;) {
      resolved = this.#keyframes.get(at);
      if (resolved !== undefined) break;
      const tooLarge = at === eventIndex ? undefined : this.#tooLargeReads.get(at);
      if (tooLarge !== undefined) throw tooLarge;
      const record = at === eventIndex
        ? this.#readRecord(at)
        : readBase("read", this.events.offset(at), () => this.#readRecord(at));
      chain.push({ at, record });
      if (record.base === null) break;
      if (chain.length > MAX_READS_OF_KEYFRAME) throw new RangeError(TOO_MANY);
      at = this.#numbered(this.#reads, record.base, "read");
      if (this.events.process(at) !== record.process) {
        throw new RangeError(`it refers to read ${record.base}, which is of another process`);
      }
    }
    const keyframe = resolved?.keyframe ?? chain[chain.length - 1].at;
    const distance = this.#ranks[eventIndex] - this.#ranks[keyframe];
    if (distance > MAX_READS_OF_KEYFRAME) throw new RangeError(TOO_MANY);
    for (const { at, record } of chain.reverse()) {
      try {
        resolved = { eventIndex: at, keyframe, ...step(record, resolved) };
      } catch (cause) {
        if (cause instanceof LimitError && at !== eventIndex) throw this.#tooLarge(at, cause);
        throw cause;
      }
      this.#work += runCountOf(resolved.pages) / 4;
      if (at === keyframe) this.#keep(resolved);
    }
    return resolved!;
  }

  /** Remembers a read that is too large: sixty others may be delta-encoded against it. */
  #tooLarge(eventIndex: number, cause: LimitError): LimitError {
    const offset = this.events.offset(eventIndex);
    const error = new LimitError(
      `it is delta-encoded against the read record at byte ${offset}, which is too large: ${cause.message}`,
      { cause },
    );
    if (this.#tooLargeReads.size < MAX_KEPT_ERRORS) this.#tooLargeReads.set(eventIndex, error);
    return error;
  }

  #keep(keyframe: ResolvedRead): void {
    this.#keyframes.set(keyframe.eventIndex, keyframe);
    this.#keptRuns += runCountOf(keyframe.pages);
    for (const [at, { pages }] of this.#keyframes) {
      if (this.#keyframes.size <= MAX_KEYFRAMES && this.#keptRuns <= MAX_KEYFRAME_RUNS) break;
      if (this.#keyframes.size === 1) break;
      this.#keptRuns -= runCountOf(pages);
      this.#keyframes.delete(at);
    }
  }

  /** A read as it is in the file. */
  #readRecord(eventIndex: number): ReadRecord {
    const record = decodeRead(this.#value(eventIndex));
    this.#assertAsIndexed(eventIndex, record.process, record.atNs, record.number);
    return record;
  }

  #clearBefore(eventIndex: number): ClearEvent {
    return readBase("clear", this.events.offset(eventIndex), () => this.#clear(eventIndex));
  }

  #clear(eventIndex: number): ClearEvent {
    const record = decodeClear(this.#value(eventIndex));
    const { process, atNs, number, durationNs, unseenNs, stoppedNs, mappings } = record;
    this.#assertAsIndexed(eventIndex, process, atNs, number);
    return {
      type: "clear",
      process: this.#identity(process),
      atNs,
      durationNs,
      unseenNs,
      stoppedNs,
      vmas: mappings === null ? null : this.#lists.at(mappings),
    };
  }

  /** Throws if an event differs from its index entry, which can be wrong. */
  #assertAsIndexed(eventIndex: number, process: number | null, atNs: number, number: number): void {
    const { events } = this;
    if (
      events.timeNs(eventIndex) !== atNs || events.number(eventIndex) !== number ||
      events.process(eventIndex) !== (process ?? NO_PROCESS)
    ) throw new RangeError("it does not match its index entry");
  }

  /** The event of a read or a clear by its number. */
  #numbered(events: Int32Array, number: number, type: string): number {
    const at = partitionPoint(events.length, (i) => this.events.number(events[i]) < number);
    if (at < events.length && this.events.number(events[at]) === number) return events[at];
    throw new RangeError(`it refers to ${type} ${number}, which is missing`);
  }

  #identity(number: unknown): ProcessIdentity {
    return this.process(count(number, "process")) ??
      fail("process", "the number of a process that the file has");
  }

  #value(eventIndex: number): unknown {
    const { events } = this;
    const offset = events.offset(eventIndex);
    // Usually, this is the only record up to the next event.
    const next = eventIndex + 1 < events.length ? events.offset(eventIndex + 1) : offset;
    const { value, end } = recordAt(this.#source, offset, events.type(eventIndex), next - offset);
    this.#work += (end - offset) >>> 2;
    return value;
  }
}

/** For each event that is a read, the number of reads of its process before it. */
function ranksOf(events: EventColumns, reads: Int32Array): Int32Array {
  const ranks = new Int32Array(events.length);
  const counts = new Map<number, number>();
  for (const at of reads) {
    const process = events.process(at);
    ranks[at] = counts.get(process) ?? 0;
    counts.set(process, ranks[at] + 1);
  }
  return ranks;
}

/** A read out of its record and the read that it is delta-encoded against. */
function step(record: ReadRecord, base: ResolvedRead | undefined) {
  return {
    record,
    how: record.how ?? base?.how ?? fail("how", "recorded in a keyframe"),
    mappings: record.mappings ?? base?.mappings ?? fail("mappings", "recorded in a keyframe"),
    pages: decodePages(record.pages, base?.pages),
  };
}
