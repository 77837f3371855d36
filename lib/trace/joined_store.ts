/**
 * The files of one recording as one.
 *
 * @module
 */

import type { PageUnion } from "../core/page_union.ts";
import type { ProcessIdentity } from "../core/process.ts";
import type { Snapshot } from "../core/snapshot.ts";
import type { TraceProblem } from "./byte_source.ts";
import { EventColumns, NO_PROCESS } from "./columns.ts";
import { EVENT_TYPES, type HeaderEvent, type PlainEvent } from "./schema.ts";
import type { TraceStore } from "./store.ts";

/** One file of a recording. */
export interface Part {
  readonly store: TraceStore;
  readonly file: string;
}

/** Several stores, one after the other. */
export class JoinedStore implements TraceStore {
  readonly events = new EventColumns();
  readonly #parts: readonly TraceStore[];
  readonly #files: readonly string[];
  /** Of each event, its part, and its number there. */
  readonly #part: number[] = [];
  readonly #local: number[] = [];
  readonly #processes: ProcessIdentity[] = [];
  #work: number;

  /** @param parts in the order in which they were recorded; at least one */
  constructor(parts: readonly Part[]) {
    this.#parts = parts.map(({ store }) => store);
    this.#files = parts.map(({ file }) => file);
    const lastClears = new Map<string, number>();
    this.#work = this.#parts.reduce((sum, { work }) => sum + work, 0);
    this.#parts.forEach((part, number) => this.#add(part, number, lastClears));
  }

  /** The file that an event is in. */
  fileOf(eventIndex: number): string {
    return this.#files[this.#part[eventIndex]];
  }

  get header(): HeaderEvent {
    return this.#parts[0].header;
  }

  get isIndexed(): boolean {
    return this.#parts.every((part) => part.isIndexed);
  }

  get problems(): readonly TraceProblem[] {
    return this.#parts.flatMap(({ problems }, i) =>
      problems.map((problem) => ({ ...problem, file: this.#files[i] }))
    );
  }

  /** Counted along: there can be thousands of parts, and each read asks for it. */
  get work(): number {
    return this.#work;
  }

  process(number: number): ProcessIdentity | undefined {
    return this.#processes[number];
  }

  plain(eventIndex: number): PlainEvent {
    return this.#counting(eventIndex, (part, local) => part.plain(local));
  }

  snapshot(eventIndex: number, index: number): Snapshot {
    return this.#counting(eventIndex, (part, local) => part.snapshot(local, index));
  }

  addingDirty(union: PageUnion): (eventIndex: number) => void {
    const adding = this.#parts.map((part) => part.addingDirty(union));
    return (eventIndex) => {
      const add = adding[this.#part[eventIndex]];
      this.#counting(eventIndex, (_, local) => add(local));
    };
  }

  /** Does something with the part of an event, and counts the work of it. */
  #counting<T>(eventIndex: number, action: (part: TraceStore, local: number) => T): T {
    const part = this.#parts[this.#part[eventIndex]];
    const before = part.work;
    try {
      return action(part, this.#local[eventIndex]);
    } finally {
      this.#work += part.work - before;
    }
  }

  #add(part: TraceStore, number: number, lastClears: Map<string, number>): void {
    const { events } = part;
    const numbers = new Map<number, number>();
    for (let i = 0; i < events.length; i++) {
      const identity = part.process(events.process(i));
      const key = identity === undefined ? "" : `${identity.pid} ${identity.startTimeTicks}`;
      if (events.type(i) === EVENT_TYPES.clear) {
        // A file begins with the clear that its first read is measured from, recorded again.
        if (lastClears.get(key) === events.timeNs(i)) continue;
        lastClears.set(key, events.timeNs(i));
      }
      this.#part.push(number);
      this.#local.push(i);
      const process = identity === undefined
        ? NO_PROCESS
        : numbers.get(events.process(i)) ?? this.#processes.push(identity) - 1;
      numbers.set(events.process(i), process);
      this.events.add(events.type(i), events.offset(i), events.timeNs(i), process, -1);
    }
  }
}
