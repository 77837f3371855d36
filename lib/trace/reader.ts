/**
 * Reads a trace with random access. In memory are the positions of its records and the mappings of the
 * snapshot that was asked for last, never the whole.
 *
 * @module
 */

import { isDamaged, TraceError, type TraceErrorCode } from "../core/errors.ts";
import { assertTracks } from "../core/probe_report.ts";
import { type ClearEvent, Snapshot } from "../core/snapshot.ts";
import type { Vma } from "../core/vma.ts";
import { decodeEvent, decodeMappings, decodePageSets } from "./decode.ts";
import type { ByteSource, RecordPosition, TraceProblem } from "./index_records.ts";
import { decodeBody } from "./record.ts";
import {
  type ClearRecord,
  FORMAT_NAME,
  FORMAT_VERSION,
  type HeaderEvent,
  type MappingsEvent,
  type ReadEvent,
  type TraceEvent,
} from "./schema.ts";
import { indexTrace, readNumber, type TraceIndex } from "./trace_index.ts";

/** A trace that is open for reading. */
export class TraceReader {
  /** Its file, or another name for where the bytes come from. */
  readonly name: string;
  readonly header: HeaderEvent;
  readonly sizeBytes: number;
  readonly #source: ByteSource;
  readonly #index: TraceIndex;
  #lastVmas: { readonly number: number; readonly vmas: Vma[] }[] = [];

  /**
   * Finds all records.
   *
   * @throws TraceError if the bytes are not a trace, or one of a newer version.
   */
  constructor(source: ByteSource, name: string) {
    this.name = name;
    this.sizeBytes = source.sizeBytes;
    this.#source = source;
    this.#index = indexTrace(source);
    this.header = this.#readHeader(this.#index.header);
  }

  /** What could not be read; empty if the trace is whole. */
  get problems(): readonly TraceProblem[] {
    return this.#index.problems;
  }

  /** Gives up what the source holds, as an open file; nothing can be read afterwards. */
  close(): void {
    this.#source.close?.();
  }

  /** How many events there are: clears, reads, marks and exits. */
  get eventCount(): number {
    return this.#index.events.length;
  }

  /** How many snapshots there are. */
  get snapshotCount(): number {
    return this.#index.reads.length;
  }

  /** The kind of an event, without decoding it. */
  typeOf(eventIndex: number): TraceEvent["type"] | undefined {
    return this.#index.events[eventIndex]?.type;
  }

  /**
   * An event by its number; a read is a snapshot.
   *
   * @throws TraceError if the record is damaged.
   */
  event(
    eventIndex: number,
  ):
    | Exclude<TraceEvent, HeaderEvent | MappingsEvent | ReadEvent | ClearRecord>
    | ClearEvent
    | Snapshot {
    const event = this.raw(eventIndex);
    if (event.type === "clear") return this.#clear(event, this.#index.events[eventIndex]);
    if (event.type !== "read") return event;
    return this.#snapshot(
      event,
      this.#index.events[eventIndex],
      readNumber(this.#index, eventIndex),
    );
  }

  /**
   * Walks all events, decoding one at a time.
   *
   * @param onDamaged is handed each record that is damaged, which is then passed over
   * @throws TraceError at a damaged record, if there is no `onDamaged`.
   */
  *events(
    onDamaged?: (error: TraceError) => void,
  ): Generator<ReturnType<TraceReader["event"]>, void, void> {
    for (let i = 0; i < this.eventCount; i++) {
      try {
        yield this.event(i);
      } catch (error) {
        if (onDamaged === undefined || !isDamaged(error)) throw error;
        onDamaged(error);
      }
    }
  }

  /**
   * What was recorded of an event, with the page sets of a read as they are in the file.
   *
   * @throws TraceError if the record is damaged.
   */
  raw(eventIndex: number): Exclude<TraceEvent, HeaderEvent | MappingsEvent> {
    const position = this.#index.events[eventIndex];
    if (position === undefined) {
      throw new RangeError(`${this.name} has ${this.eventCount} events and no event ${eventIndex}`);
    }
    const event = this.#decode(position);
    if (event.type === "header" || event.type === "mappings") {
      throw this.#damaged(position, "it is not the event that its beginning says");
    }
    return event;
  }

  /**
   * A snapshot by its number; negative numbers count from the end.
   *
   * @throws TraceError if there is none of that number, or its record is damaged.
   */
  at(index: number): Snapshot {
    const number = index < 0 ? this.snapshotCount + index : index;
    const eventIndex = this.#index.reads[number];
    if (eventIndex === undefined) {
      throw this.#error(
        "no-such-snapshot",
        `${this.name} has no snapshot ${index}`,
        this.snapshotCount === 0
          ? "It has none at all"
          : `It has ${this.snapshotCount}: 0 to ${this.snapshotCount - 1}`,
      );
    }
    return this.event(eventIndex) as Snapshot;
  }

  /** All snapshots in order, decoded one at a time; each walk begins anew. */
  get snapshots(): Iterable<Snapshot> {
    return { [Symbol.iterator]: () => this.#walkSnapshots() };
  }

  *#walkSnapshots(): Generator<Snapshot, void, void> {
    for (let i = 0; i < this.snapshotCount; i++) yield this.at(i);
  }

  #readHeader(position: RecordPosition | undefined): HeaderEvent {
    if (position === undefined) {
      throw this.#error("not-a-trace", `${this.name} is not a softdirty trace`, "It has no header");
    }
    const raw = this.#decodeRaw(position) as Partial<HeaderEvent> | null;
    if (raw?.format === FORMAT_NAME && Number(raw.version) > FORMAT_VERSION) {
      throw this.#error(
        "newer-version",
        `${this.name} has format version ${
          Number(raw.version)
        }; this program reads up to ${FORMAT_VERSION}`,
        "Update softdirty",
      );
    }
    return this.#checked(position, raw) as HeaderEvent;
  }

  #snapshot(event: ReadEvent, position: RecordPosition, index: number): Snapshot {
    assertTracks(this.header.probe);
    try {
      return new Snapshot({
        process: event.process,
        pageSizeBytes: this.header.host.pageSizeBytes,
        vmas: this.#vmas(event.mappings),
        pages: decodePageSets(event.pages),
        tracker: this.header.tracker,
        atNs: event.atNs,
        durationNs: event.durationNs,
        stoppedNs: event.stoppedNs,
        readBy: event.readBy,
        known: event.known,
        sinceClear: event.clear === null ? null : this.#clearOf(event.clear),
        originUnixMs: this.header.originUnixMs,
        index,
      });
    } catch (cause) {
      if (cause instanceof TraceError) throw cause;
      throw this.#damaged(position, (cause as Error).message, cause);
    }
  }

  /** The mappings of that number. The last two lists are kept: a read and its clear mostly share one. */
  #vmas(number: number): Vma[] {
    const known = this.#lastVmas.find((list) => list.number === number);
    if (known !== undefined) return known.vmas;
    const event = this.#referred(this.#index.mappings[number], "mappings", number);
    const vmas = decodeMappings(event as MappingsEvent);
    this.#lastVmas = [{ number, vmas }, ...this.#lastVmas.slice(0, 1)];
    return vmas;
  }

  #clearOf(number: number): ClearEvent {
    const position = this.#index.clears[number];
    return this.#clear(this.#referred(position, "clear", number) as ClearRecord, position);
  }

  #clear({ mappings, ...event }: ClearRecord, position: RecordPosition): ClearEvent {
    try {
      return { ...event, vmas: mappings === null ? null : this.#vmas(mappings) };
    } catch (cause) {
      if (cause instanceof TraceError) throw cause;
      throw this.#damaged(position, (cause as Error).message, cause);
    }
  }

  #referred(position: RecordPosition | undefined, type: string, number: number): TraceEvent {
    if (position === undefined) {
      throw new RangeError(`it refers to ${type} ${number}, which is missing`);
    }
    const event = this.#decode(position);
    if (event.type !== type) throw new RangeError(`it refers to ${type} ${number}, which is none`);
    return event;
  }

  #decode(position: RecordPosition): TraceEvent {
    return this.#checked(position, this.#decodeRaw(position));
  }

  #decodeRaw(position: RecordPosition): unknown {
    try {
      return decodeBody(this.#source.read(position.offset, position.lengthBytes));
    } catch (cause) {
      throw this.#damaged(position, (cause as Error).message, cause);
    }
  }

  #checked(position: RecordPosition, raw: unknown): TraceEvent {
    try {
      return decodeEvent(raw);
    } catch (cause) {
      throw this.#damaged(position, (cause as Error).message, cause);
    }
  }

  #damaged(position: RecordPosition, reason: string, cause?: unknown): TraceError {
    return this.#error(
      "damaged",
      `The ${position.type} record at byte ${position.offset} of ${this.name} is damaged: ${reason}`,
      "The other records can be read",
      cause,
    );
  }

  #error(code: TraceErrorCode, message: string, hint: string, cause?: unknown): TraceError {
    return new TraceError(code, this.name, message, hint, { cause });
  }
}
