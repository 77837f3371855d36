/**
 * Files of version 1, which are read only: events are maps, and page sets varints.
 *
 * @module
 */

import { PageSet } from "../../core/page_set.ts";
import type { PageUnion } from "../../core/page_union.ts";
import type { ProcessIdentity } from "../../core/process.ts";
import {
  type ClearEvent,
  PAGE_FLAGS,
  type PageSets,
  pageSets,
  Snapshot,
  UNKNOWN_CONDITIONS,
} from "../../core/snapshot.ts";
import type { Vma } from "../../core/vma.ts";
import { decodeBody } from "../body.ts";
import { addProblem, type ByteSource, type TraceProblem } from "../byte_source.ts";
import { amount, type Check, count, fail, fields, list, orNull, text } from "../checks.ts";
import { EventColumns, NO_PROCESS } from "../columns.ts";
import { decodeHeader } from "../header_codec.ts";
import { assertRuns } from "../limits.ts";
import { applySteps, assertAscending, listOf } from "../mappings_codec.ts";
import { runCountOf } from "../pages_codec.ts";
import { EVENT_TYPES, type HeaderEvent, type PlainEvent } from "../schema.ts";
import type { TraceStore } from "../store.ts";
import { decodeVarintRuns } from "../varint_runs.ts";
import { type RecordPosition, walkRecords } from "./record.ts";

/** What each snapshot of this version holds. */
const KNOWN = PAGE_FLAGS.slice(0, 8);

/** Types of events in files of this version. */
const TYPES: Readonly<Record<string, number>> = {
  clear: EVENT_TYPES.clear,
  read: EVENT_TYPES.read,
  mark: EVENT_TYPES.mark,
  exit: EVENT_TYPES.exit,
};

const identity: Check<ProcessIdentity> = (value, path) => {
  const { pid, startTimeTicks, command } = fields(value, path);
  return {
    pid: count(pid, `${path}.pid`),
    startTimeTicks: count(startTimeTicks, `${path}.startTimeTicks`),
    command: text(command, `${path}.command`),
  };
};

/** What it takes to decode a mapping, over what it takes to look at one: each record has a list of its own. */
const WORK_OF_MAPPING = 36;
/** Records are maps, of which the keys are decoded as well. */
const WORK_OF_BYTE = 2;

/** One file. */
export class Store1 implements TraceStore {
  readonly header: HeaderEvent;
  readonly events = new EventColumns();
  readonly problems: TraceProblem[] = [];
  readonly isIndexed = false;
  readonly #source: ByteSource;
  readonly #positions: RecordPosition[] = [];
  readonly #clears: RecordPosition[] = [];
  readonly #mappings: RecordPosition[] = [];
  readonly #processes: ProcessIdentity[] = [];
  readonly #numbers = new Map<string, number>();
  #lastVmas: { readonly number: number; readonly vmas: readonly Vma[] } | undefined;
  #work = 0;

  /** @throws RangeError if the file does not begin with a header of this version. */
  constructor(source: ByteSource) {
    this.#source = source;
    let header: HeaderEvent | undefined;
    for (const position of walkRecords(source, this.problems)) {
      if (header === undefined) header = decodeHeader(this.#value(position));
      else this.#add(position);
    }
    this.header = header ?? fail("The file", "a trace");
  }

  get work(): number {
    return this.#work;
  }

  process(number: number): ProcessIdentity | undefined {
    return this.#processes[number];
  }

  plain(eventIndex: number): PlainEvent {
    const event = fields(this.#value(this.#positions[eventIndex]), "The record");
    const atNs = amount(event.atNs, "atNs");
    switch (event.type) {
      case "clear":
        return clearOf(event);
      case "mark":
        return { type: "mark", text: text(event.text, "text"), atNs };
      case "exit":
        return {
          type: "exit",
          pid: count(event.pid, "pid"),
          reason: text(event.reason, "reason"),
          atNs,
        };
      default:
        return fail("type", "the type of an event");
    }
  }

  snapshot(eventIndex: number, index: number): Snapshot {
    const event = fields(this.#value(this.#positions[eventIndex]), "The record");
    const clear = orNull(count)(event.clear, "clear");
    return new Snapshot({
      process: identity(event.process, "process"),
      pageSizeBytes: this.header.host.pageSizeBytes,
      vmas: this.#vmas(count(event.mappings, "mappings")),
      pages: this.#pages(event.pages),
      tracker: this.header.tracker,
      readBy: "pagemap",
      known: KNOWN,
      conditions: UNKNOWN_CONDITIONS,
      atNs: amount(event.atNs, "atNs"),
      durationNs: amount(event.durationNs, "durationNs"),
      stoppedNs: 0,
      sinceClear: clear === null
        ? null
        : clearOf(fields(this.#referred(this.#clears[clear], "clear", clear), "clear")),
      originUnixMs: this.header.originUnixMs,
      index,
    });
  }

  addingDirty(union: PageUnion): (eventIndex: number) => void {
    return (eventIndex) => union.add(this.snapshot(eventIndex, 0).dirty);
  }

  #add(position: RecordPosition): void {
    const { type, offset, lengthBytes } = position;
    if (type === "mappings") {
      this.#mappings.push(position);
      return;
    }
    if (!(type in TYPES)) {
      const reason = type === "header" ? "a second header" : "unknown record";
      addProblem(this.problems, { offset, lengthBytes, reason });
      return;
    }
    if (type === "clear") this.#clears.push(position);
    this.#positions.push(position);
    const { atNs, process } = this.#summary(position);
    this.events.add(TYPES[type], offset, atNs, process, -1);
  }

  /** When, and of which process; a damaged record has neither, and says so when it is asked for. */
  #summary(position: RecordPosition): { atNs: number; process: number } {
    try {
      const event = fields(this.#value(position), "The record");
      const process = event.process === undefined
        ? NO_PROCESS
        : this.#number(identity(event.process, "process"));
      return { atNs: amount(event.atNs, "atNs"), process };
    } catch {
      return { atNs: 0, process: NO_PROCESS };
    }
  }

  #number(process: ProcessIdentity): number {
    const key = JSON.stringify([process.pid, process.startTimeTicks, process.command]);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#processes.length);
    return this.#processes.push(process) - 1;
  }

  #vmas(number: number): readonly Vma[] {
    if (this.#lastVmas?.number !== number) {
      const event = fields(this.#referred(this.#mappings[number], "mappings", number), "mappings");
      const vmas = listOf(applySteps([], list(event.rows, "rows")));
      assertAscending(vmas);
      this.#lastVmas = { number, vmas };
      this.#work += WORK_OF_MAPPING * vmas.length;
    }
    return this.#lastVmas.vmas;
  }

  #pages(value: unknown): PageSets {
    const pages = pagesOf(value);
    this.#work += runCountOf(pages);
    return pages;
  }

  #referred(position: RecordPosition | undefined, type: string, number: number): unknown {
    if (position !== undefined) return this.#value(position);
    throw new RangeError(`it refers to ${type} ${number}, which is missing`);
  }

  #value({ offset, lengthBytes }: RecordPosition): unknown {
    this.#work += WORK_OF_BYTE * lengthBytes;
    return decodeBody(0, this.#source.read(offset, lengthBytes));
  }
}

function clearOf(event: Readonly<Record<string, unknown>>): ClearEvent {
  if (event.type !== "clear") fail("type", "that of a clear");
  return {
    type: "clear",
    process: identity(event.process, "process"),
    atNs: amount(event.atNs, "atNs"),
    durationNs: amount(event.durationNs, "durationNs"),
    unseenNs: null,
    stoppedNs: 0,
    vmas: null,
  };
}

function pagesOf(value: unknown): PageSets {
  const pages = fields(value, "pages");
  const all = pageSets((flag) => {
    const bytes = pages[flag];
    if (bytes === undefined) return PageSet.empty;
    if (!(bytes instanceof Uint8Array)) fail(`pages.${flag}`, "binary");
    return decodeVarintRuns(bytes);
  });
  assertRuns(runCountOf(all));
  return all;
}
