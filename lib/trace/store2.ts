/**
 * Files of version 2.
 *
 * @module
 */

import type { ProcessIdentity } from "../core/process.ts";
import { type ClearEvent, type PageSets, Snapshot } from "../core/snapshot.ts";
import type { Vma } from "../core/vma.ts";
import { decodeBody, plainType } from "./body.ts";
import type { ByteSource, TraceProblem } from "./byte_source.ts";
import { amount, count, fail, list, text } from "./checks.ts";
import type { EventColumns } from "./columns.ts";
import type { TraceContents } from "./contents.ts";
import {
  type ClearRecord,
  decodeClear,
  decodeRead,
  type ReadHow,
  type ReadRecord,
} from "./event_codec.ts";
import { isIntact, parseFrame } from "./frame.ts";
import { decodeEnd, decodeIndex, END_BYTES } from "./index_codec.ts";
import { applySteps } from "./mappings_codec.ts";
import { decodePages } from "./pages_codec.ts";
import { scanTrace } from "./scan.ts";
import {
  EVENT_TYPES,
  eventTypeOf,
  type HeaderEvent,
  type PlainEvent,
  RECORD_TYPES,
} from "./schema.ts";
import type { TraceStore } from "./store.ts";

/** Bytes that are read at first; most records are not longer. */
const MIN_READ_BYTES = 1 << 12;
const MAX_READ_BYTES = 1 << 18;

/** A chain of lists or of reads that is longer was not made by a writer. */
const MAX_CHAIN = 4096;

/** How many lists of mappings are kept. */
const KEPT_LISTS = 4;

/** A read with all that it takes over from earlier ones. */
interface ResolvedRead {
  readonly record: ReadRecord;
  readonly how: ReadHow;
  readonly mappings: number;
  readonly pages: PageSets;
}

/** One file. */
export class Store2 implements TraceStore {
  readonly header: HeaderEvent;
  readonly isIndexed: boolean;
  readonly #source: ByteSource;
  readonly #contents: TraceContents;
  readonly #reads: Int32Array;
  readonly #clears: Int32Array;
  /** The latest lists, newest first. */
  #lists: { readonly number: number; readonly vmas: Vma[] }[] = [];
  /** The keyframe that was needed last; mostly the next read is told against it too. */
  #keyframe: ResolvedRead | undefined;

  /**
   * @param header what was read of the beginning
   * @param bodyOffset where the records after it begin
   */
  constructor(source: ByteSource, header: HeaderEvent, bodyOffset: number) {
    this.#source = source;
    this.header = header;
    const indexed = this.#readIndex();
    this.isIndexed = indexed !== undefined;
    this.#contents = indexed ?? scanTrace(source, bodyOffset);
    this.#reads = this.events.ofType(EVENT_TYPES.read);
    this.#clears = this.events.ofType(EVENT_TYPES.clear);
  }

  get events(): EventColumns {
    return this.#contents.events;
  }

  get problems(): readonly TraceProblem[] {
    return this.#contents.problems;
  }

  /** All that is known of the file, for writing its index. */
  get contents(): TraceContents {
    return this.#contents;
  }

  process(number: number): ProcessIdentity | undefined {
    return this.#contents.processes.get(number);
  }

  plain(eventIndex: number): PlainEvent {
    const type = eventTypeOf(this.events.type(eventIndex))!;
    const value = this.#value(this.events.offset(eventIndex), EVENT_TYPES[type]);
    if (type === "clear") return this.#clear(decodeClear(value));
    const [process, at, third, fourth] = list(value, type);
    const atNs = amount(at, "atNs");
    switch (type) {
      case "mark":
        return { type, text: text(third, "text"), atNs };
      case "exit":
        return { type, pid: count(third, "pid"), reason: text(fourth, "reason"), atNs };
      case "found":
      case "fork":
        return {
          type,
          process: this.#identity(process),
          parentPid: count(third, "parentPid"),
          atNs,
        };
      case "exec":
        return { type, process: this.#identity(process), atNs };
      default:
        return fail("type", "the type of an event that is no read");
    }
  }

  snapshot(eventIndex: number, index: number): Snapshot {
    const { record, how, mappings, pages } = this.#resolve(eventIndex);
    const { atNs, durationNs, stoppedNs, clear } = record;
    return new Snapshot({
      process: this.#identity(record.process),
      pageSizeBytes: this.header.host.pageSizeBytes,
      vmas: this.#vmas(mappings),
      pages,
      tracker: this.header.tracker,
      ...how,
      atNs,
      durationNs,
      stoppedNs,
      sinceClear: clear === null ? null : this.#clearOf(clear),
      originUnixMs: this.header.originUnixMs,
      index,
    });
  }

  /** The read as it is in the file. */
  readRecord(eventIndex: number): ReadRecord {
    const { events } = this;
    const offset = events.offset(eventIndex);
    // Up to the next event: mostly the record alone.
    const next = eventIndex + 1 < events.length ? events.offset(eventIndex + 1) : 0;
    const likelyBytes = Math.min(Math.max(next - offset, MIN_READ_BYTES), MAX_READ_BYTES);
    return decodeRead(this.#value(offset, EVENT_TYPES.read, likelyBytes));
  }

  /** Goes back to a keyframe, and from there on to the read. */
  #resolve(eventIndex: number): ResolvedRead {
    const chain: ReadRecord[] = [];
    let base: ResolvedRead | undefined;
    for (let at = eventIndex;;) {
      const record = this.readRecord(at);
      if (this.#keyframe?.record.number === record.number) {
        base = this.#keyframe;
        break;
      }
      chain.push(record);
      if (record.base === null) break;
      if (chain.length > MAX_CHAIN) throw new RangeError("it depends on too many records");
      at = this.#numbered(this.#reads, record.base, "read");
    }
    let resolved = base;
    for (const record of chain.reverse()) {
      if (record.base !== null && resolved?.record.process !== record.process) {
        throw new RangeError(`it refers to read ${record.base}, which is of another process`);
      }
      resolved = step(record, record.base === null ? undefined : resolved);
      if (record.base === null) this.#keyframe = resolved;
    }
    return resolved!;
  }

  #clearOf(number: number): ClearEvent {
    const at = this.#numbered(this.#clears, number, "clear");
    return this.#clear(decodeClear(this.#value(this.events.offset(at), EVENT_TYPES.clear)));
  }

  #clear({ process, number: _, mappings, ...record }: ClearRecord): ClearEvent {
    return {
      type: "clear",
      process: this.#identity(process),
      ...record,
      vmas: mappings === null ? null : this.#vmas(mappings),
    };
  }

  /** The event of a read or a clear by its number. */
  #numbered(events: Int32Array, number: number, type: string): number {
    let low = 0;
    let high = events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.events.number(events[middle]) < number) low = middle + 1;
      else high = middle;
    }
    if (low < events.length && this.events.number(events[low]) === number) return events[low];
    throw new RangeError(`it refers to ${type} ${number}, which is missing`);
  }

  #identity(number: unknown): ProcessIdentity {
    return this.process(count(number, "process")) ??
      fail("process", "the number of a process that the file has");
  }

  #vmas(number: number): Vma[] {
    const known = this.#lists.find((one) => one.number === number);
    if (known !== undefined) return known.vmas;
    const chain: { number: number; steps: readonly unknown[] }[] = [];
    let vmas: Vma[] = [];
    for (let next: number | null = number; next !== null;) {
      const kept = this.#lists.find((one) => one.number === next);
      if (kept !== undefined) {
        vmas = kept.vmas;
        break;
      }
      const record = this.#mappings(next);
      chain.push(record);
      if (chain.length > MAX_CHAIN) throw new RangeError("it depends on too many mappings");
      next = record.base;
    }
    for (const { steps } of chain.reverse()) vmas = applySteps(vmas, steps);
    this.#lists = [{ number, vmas }, ...this.#lists.slice(0, KEPT_LISTS - 1)];
    return vmas;
  }

  #mappings(number: number) {
    const offset = this.#contents.mappings.get(number);
    if (offset === undefined) {
      throw new RangeError(`it refers to mappings ${number}, which are missing`);
    }
    const [own, base, steps] = list(this.#value(offset, RECORD_TYPES.mappings), "mappings");
    if (own !== number) fail("mappings", `those of number ${number}`);
    const earlier = base === null ? null : count(base, "base");
    if (earlier !== null && earlier >= number) fail("base", "earlier mappings");
    return { number, base: earlier, steps: list(steps, "steps") };
  }

  /** What the record at a place holds. */
  #value(offset: number, type: number, likelyBytes = MIN_READ_BYTES): unknown {
    let bytes = this.#source.read(offset, likelyBytes);
    const frame = parseFrame(bytes);
    if (frame === undefined) throw new RangeError("no record begins there");
    if (frame.lengthBytes > bytes.length) bytes = this.#source.read(offset, frame.lengthBytes);
    if (frame.lengthBytes > bytes.length) throw new RangeError("it is incomplete");
    if (!isIntact(bytes, frame)) throw new RangeError("its checksum is not that of its bytes");
    if (plainType(frame.type) !== type) throw new RangeError("it is not what the index says");
    return decodeBody(frame.type, bytes.subarray(frame.bodyOffset, frame.lengthBytes));
  }

  /** Undefined if the file has no index, or one that cannot be read. */
  #readIndex(): TraceContents | undefined {
    const { sizeBytes } = this.#source;
    if (sizeBytes < END_BYTES) return undefined;
    try {
      const bytes = this.#source.read(sizeBytes - END_BYTES, END_BYTES);
      const frame = parseFrame(bytes);
      if (frame === undefined || frame.lengthBytes !== END_BYTES || !isIntact(bytes, frame)) return;
      const offset = decodeEnd(bytes, frame);
      return offset === undefined
        ? undefined
        : decodeIndex(this.#value(offset, RECORD_TYPES.index));
    } catch {
      return undefined; // it is damaged; the records are found without it
    }
  }
}

function step(record: ReadRecord, base: ResolvedRead | undefined): ResolvedRead {
  return {
    record,
    how: record.how ?? base?.how ?? fail("how", "told by a keyframe"),
    mappings: record.mappings ?? base?.mappings ?? fail("mappings", "told by a keyframe"),
    pages: decodePages(record.pages, base?.pages),
  };
}
