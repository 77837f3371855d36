/**
 * Appends events to a trace as they happen. What a reader would refuse is refused here, by the same
 * checks and before it is appended: whatever is written can be read.
 *
 * @module
 */

import { wellFormed, wellFormedTexts } from "../core/plain_text.ts";
import { isSameProcess, type ProcessIdentity } from "../core/process.ts";
import type { ClearEvent, PageSets, Snapshot } from "../core/snapshot.ts";
import type { Vma } from "../core/vma.ts";
import { MAX_HEADER_BYTES } from "./beginning.ts";
import { encodeRecord } from "./body.ts";
import type { ByteSink } from "./byte_source.ts";
import { NO_PROCESS } from "./columns.ts";
import { noContents } from "./contents.ts";
import {
  decodeClear,
  decodeNote,
  decodeProcess,
  decodeRead,
  encodeClear,
  encodeHow,
  encodeNote,
  encodeRead,
  type ReadMode,
} from "./event_codec.ts";
import { decodeHeader } from "./header_codec.ts";
import { encodeIndex } from "./index_codec.ts";
import { assertMappings, assertRuns } from "./limits.ts";
import { assertReadable, isSameMapping, mappingSteps } from "./mappings_codec.ts";
import { encodePages, runCountOf } from "./pages_codec.ts";
import {
  type AnnotationEvent,
  EVENT_TYPES,
  FORMAT_VERSION,
  type HeaderEvent,
  MAX_READS_OF_KEYFRAME,
  RECORD_TYPES,
} from "./schema.ts";

/** How often a read is complete in itself, so that a reader does not have to go back far. */
export interface KeyframePlan {
  /** After this number of reads of a process, the next one is a keyframe. */
  readonly reads: number;
  /** The same after this number of bytes of reads. */
  readonly bytes: number;
}

const KEYFRAMES: KeyframePlan = { reads: 16, bytes: 1 << 20 };

/** The most lists of mappings in a chain in which each has only the changes since the one before. */
const MAX_LIST_CHAIN = 16;

/**
 * The last read of a process that is complete in itself; the next ones are delta-encoded against it. They
 * are not delta-encoded against the one before: a damaged record would make all after it unreadable.
 */
interface Keyframe {
  readonly number: number;
  readonly pages: PageSets;
  readonly how: number;
  readonly mappings: number;
  /** Number of reads since then, and of their bytes, including the keyframe itself. */
  reads: number;
  bytes: number;
}

/** A process that has a number in the file. */
interface KnownProcess {
  identity: ProcessIdentity;
  number: number;
  clear: { readonly atNs: number; readonly number: number } | undefined;
  keyframe: Keyframe | undefined;
  list:
    | { readonly number: number; readonly vmas: readonly Vma[]; readonly depth: number }
    | undefined;
}

/**
 * Writes one trace. It keeps the last keyframe of each process, and a few numbers for each event.
 *
 * Each method throws a RangeError for what a reader would refuse, such as mappings that do not ascend.
 * Text that is not valid UTF-16 is repaired.
 */
export class TraceWriter {
  readonly #sink: ByteSink;
  readonly #keyframes: KeyframePlan;
  readonly #contents = noContents();
  readonly #processes = new Map<number, KnownProcess>();
  #sizeBytes = 0;
  #clearCount = 0;
  #readCount = 0;

  /** Begins the trace with its header. */
  constructor(sink: ByteSink, header: HeaderEvent, keyframes: KeyframePlan = KEYFRAMES) {
    this.#sink = sink;
    this.#keyframes = { ...keyframes, reads: Math.min(keyframes.reads, MAX_READS_OF_KEYFRAME) };
    const written = decodeHeader(wellFormedTexts({ ...header, version: FORMAT_VERSION }));
    const record = encodeRecord(RECORD_TYPES.header, written);
    if (record.length > MAX_HEADER_BYTES) {
      throw new RangeError(`A header of ${record.length} bytes is larger than a trace can hold`);
    }
    const twice = new Uint8Array(record.length * 2); // nothing can be decoded without it
    twice.set(record);
    twice.set(record, record.length);
    this.#append(twice);
  }

  /** Number of bytes that were appended. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Appends a clear, and the mappings after it if they changed. */
  clear(event: ClearEvent): void {
    const { atNs, durationNs, unseenNs, stoppedNs, vmas } = event;
    const process = this.#process(event.process);
    const mappings = vmas === null ? null : this.#mappings(process, vmas);
    const number = this.#clearCount;
    const times = { durationNs, unseenNs, stoppedNs };
    const record = encodeClear({ process: process.number, atNs, number, ...times, mappings });
    decodeClear(record);
    this.#event(EVENT_TYPES.clear, record, atNs, process.number, number);
    this.#clearCount++;
    process.clear = { atNs, number };
  }

  /**
   * Appends a snapshot, and its mappings if they changed. The clear that it is measured from is
   * appended first if that was not done, as after a disk was full.
   *
   * @throws LimitError if it has more runs or mappings than a reader takes; then nothing is appended
   */
  read(snapshot: Snapshot): void {
    const { sinceClear, atNs, durationNs, stoppedNs, pages } = snapshot;
    if (sinceClear !== null && !isSameProcess(sinceClear.process, snapshot.process)) {
      throw new RangeError(
        `A read of process ${snapshot.process.pid} cannot be measured from a clear of process ` +
          `${sinceClear.process.pid}`,
      );
    }
    assertRuns(runCountOf(pages));
    assertMappings(snapshot.vmas.length);
    const isRecorded = this.#process(snapshot.process).clear?.atNs === sinceClear?.atNs;
    if (sinceClear !== null && !isRecorded) this.clear(sinceClear);
    const process = this.#process(snapshot.process);
    const mappings = this.#mappings(process, snapshot.vmas);
    const how: ReadMode = { readBy: snapshot.readBy, known: snapshot.known };
    const base = this.#base(process);
    const number = this.#readCount;
    const encoded = encodePages(pages, base?.pages);
    const record = encodeRead({
      process: process.number,
      atNs,
      number,
      durationNs,
      stoppedNs,
      how: base?.how === encodeHow(how) ? null : how,
      clear: sinceClear === null ? null : process.clear!.number,
      mappings: base?.mappings === mappings ? null : mappings,
      base: base?.number ?? null,
      conditions: snapshot.conditions,
    }, encoded);
    decodeRead(record);
    const before = this.#sizeBytes;
    this.#event(EVENT_TYPES.read, record, atNs, process.number, number);
    this.#readCount++;
    const bytes = this.#sizeBytes - before;
    if (base !== undefined) {
      base.reads++;
      base.bytes += bytes;
    } else process.keyframe = { number, pages, how: encodeHow(how), mappings, reads: 1, bytes };
  }

  /** Appends what no call asked for: a remark, or what became of a process. */
  note(event: AnnotationEvent): void {
    const { type, atNs } = event;
    const process = "process" in event ? this.#process(event.process) : null;
    const number = process?.number ?? null;
    const record = encodeNote(wellFormedTexts(event), number);
    decodeNote(type, record, () => process!.identity);
    this.#event(EVENT_TYPES[type], record, atNs, number ?? NO_PROCESS, -1);
  }

  /** Ends the trace with its index; nothing may be appended afterwards. */
  finish(): void {
    this.#append(encodeIndex(this.#contents, this.#sizeBytes));
  }

  #event(type: number, value: unknown, atNs: number, process: number, number: number): void {
    const offset = this.#sizeBytes;
    this.#append(encodeRecord(type, value));
    this.#contents.events.add(type, offset, atNs, process, number);
  }

  /**
   * The process with its number; a process record is written first if it is new. With another command
   * or program it gets another number, and its next read is a keyframe.
   */
  #process(asGiven: ProcessIdentity): KnownProcess {
    const { pid, startTimeTicks } = asGiven;
    const found = this.#processes.get(pid);
    const known = found && isSameProcess(found.identity, asGiven) ? found : undefined;
    if (known !== undefined && isSameProgram(known.identity, asGiven)) return known;
    const command = wellFormed(asGiven.command);
    const program = asGiven.program === undefined ? undefined : wellFormed(asGiven.program);
    const identity: ProcessIdentity = {
      ...{ pid, startTimeTicks, command },
      ...program === undefined ? {} : { program },
    };
    if (known !== undefined && isSameProgram(known.identity, identity)) return known;
    const number = this.#contents.processes.size;
    const row = [number, pid, startTimeTicks, command, ...program === undefined ? [] : [program]];
    decodeProcess(row);
    this.#append(encodeRecord(RECORD_TYPES.process, row));
    this.#contents.processes.set(number, identity);
    const process = known ??
      { identity, number, clear: undefined, keyframe: undefined, list: undefined };
    Object.assign(process, { identity, number, keyframe: undefined });
    this.#processes.set(pid, process);
    return process;
  }

  /** The read that the next one is delta-encoded against; undefined if that is to be a keyframe. */
  #base({ keyframe }: KnownProcess): Keyframe | undefined {
    const { reads, bytes } = this.#keyframes;
    if (keyframe === undefined || keyframe.reads >= reads) return undefined;
    return keyframe.bytes >= bytes ? undefined : keyframe;
  }

  /** The number of a list of mappings, which is appended if it is not the last one. */
  #mappings(process: KnownProcess, vmas: readonly Vma[]): number {
    const { list } = process;
    if (list !== undefined && isSameList(list.vmas, vmas)) return list.number;
    const base = list === undefined || list.depth >= MAX_LIST_CHAIN ? undefined : list;
    const number = this.#contents.mappings.size;
    const steps = mappingSteps(base?.vmas ?? [], vmas);
    assertReadable(steps, vmas);
    const offset = this.#sizeBytes;
    this.#append(encodeRecord(RECORD_TYPES.mappings, [number, base?.number ?? null, steps]));
    this.#contents.mappings.set(number, offset);
    process.list = { number, vmas, depth: base === undefined ? 1 : base.depth + 1 };
    return number;
  }

  #append(bytes: Uint8Array): void {
    this.#sink.append(bytes);
    this.#sizeBytes += bytes.length;
  }
}

function isSameProgram(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.command === b.command && a.program === b.program;
}

function isSameList(as: readonly Vma[], bs: readonly Vma[]): boolean {
  return as === bs || as.length === bs.length && as.every((a, i) => isSameMapping(a, bs[i]));
}
