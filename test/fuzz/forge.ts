/**
 * Puts traces together record by record, also such as no recorder writes.
 *
 * @module
 */

import { encode } from "@msgpack/msgpack";
import { PageSet } from "../../lib/core/page_set.ts";
import { encodeBody } from "../../lib/trace/body.ts";
import { encodePageSet } from "../../lib/trace/page_set_codec.ts";
import { EVENT_TYPES, RECORD_TYPES } from "../../lib/trace/schema.ts";
import { header, joinAll } from "../helpers/raw_records.ts";

/** A mapping as a row of a list. */
export type Row = readonly [number, number, string, number, string, string, string];

/** What of a read differs from one that shows page 16 as dirty. */
export interface ForgedRead {
  readonly process?: number;
  readonly clear?: number | null;
  readonly list?: number | null;
  /** The number of the earlier read that it is delta-encoded against. */
  readonly base?: number | null;
  /** Pairs: twice the number of a flag, and one more for a difference; and the encoded set. */
  readonly pages?: readonly (number | Uint8Array)[];
}

/** `present` and `dirty` are known of each page. */
const HOW = 0 + 4 * 3;

/** A trace in the making; times advance by a second from event to event. */
export class Forge {
  readonly #parts: Uint8Array[] = [header()];
  #processes = 0;
  #lists = 0;
  #clears = 0;
  #reads = 0;
  #atNs: number;
  sizeBytes = 0;

  constructor({ startNs = 0 } = {}) {
    this.#atNs = startNs;
  }

  /** Returns the number of the process. */
  process(command = "forged", pid = 1000 + this.#processes): number {
    this.#add(RECORD_TYPES.process, [this.#processes, pid, 1, command]);
    return this.#processes++;
  }

  /** Returns the number of the list. */
  list(steps: readonly (Row | number)[], base: number | null = null): number {
    this.#add(RECORD_TYPES.mappings, [this.#lists, base, steps]);
    return this.#lists++;
  }

  /** Returns the number of the clear. */
  clear(process = 0, list: number | null = null): number {
    this.#add(EVENT_TYPES.clear, [process, this.#tick(), this.#clears, 1000, 0, 0, list]);
    return this.#clears++;
  }

  /** Returns the number of the read. */
  read({ process = 0, clear, list = 0, base = null, pages = DIRTY }: ForgedRead = {}): number {
    const since = clear === undefined ? this.#clears - 1 : clear;
    this.#add(EVENT_TYPES.read, [
      ...[process, this.#tick(), this.#reads, 1000, 0, base === null ? HOW : null],
      ...[since !== null && since < 0 ? null : since, list],
      ...[base === null ? null : this.#reads - base, pages],
    ]);
    return this.#reads++;
  }

  /** A clear and the read that is measured from it. */
  window(read: ForgedRead = {}, clearList: number | null = null): number {
    this.clear(read.process ?? 0, clearList);
    return this.read(read);
  }

  mark(text: string): void {
    this.#add(EVENT_TYPES.mark, [null, this.#tick(), text]);
  }

  exit(pid: number): void {
    this.#add(EVENT_TYPES.exit, [null, this.#tick(), pid, "process-exited"]);
  }

  fork(process: number): void {
    this.#add(EVENT_TYPES.fork, [process, this.#tick(), 1]);
  }

  get bytes(): Uint8Array {
    return joinAll(this.#parts);
  }

  #tick(): number {
    return this.#atNs += 5e8;
  }

  #add(type: number, value: unknown): void {
    const bytes = encodeBody(type, encode(value));
    this.sizeBytes += bytes.length;
    this.#parts.push(bytes);
  }
}

/** Rows of so many mappings, each of `pages` pages, with gaps of `gap` pages between them. */
export function rows(
  count: number,
  { start = 16, pages = 1, gap = 1, name = (_: number) => "" }: {
    readonly start?: number;
    readonly pages?: number;
    readonly gap?: number;
    readonly name?: (i: number) => string;
  } = {},
): Row[] {
  return Array.from({ length: count }, (_, i) => {
    const first = start + i * (pages + gap);
    return [first, first + pages, "rw-p", 0, "00:00", "0", name(i)];
  });
}

/** So many pages, each `stride` pages after the one before. */
export function scattered(count: number, stride: number, start = 16): PageSet {
  const edges = new Float64Array(count * 2);
  for (let i = 0; i < count; i++) {
    edges[2 * i] = start + i * stride;
    edges[2 * i + 1] = start + i * stride + 1;
  }
  return PageSet.fromEdges(edges);
}

/** A set as whole pages of some flags: 0 is dirty, 1 present. */
export function pagesOf(set: PageSet, flags: readonly number[] = [0, 1]): (number | Uint8Array)[] {
  const bytes = encodePageSet(set);
  return flags.flatMap((flag) => [flag * 2, bytes]);
}

const DIRTY = pagesOf(PageSet.from([{ start: 16, end: 17 }]));
