/**
 * Appends events to a trace as they happen.
 *
 * @module
 */

import type { ClearEvent, Snapshot } from "../core/snapshot.ts";
import type { Vma } from "../core/vma.ts";
import { encodeClear, encodeMappings, encodeRead } from "./encode.ts";
import { encodeRecord } from "./record.ts";
import type { HeaderEvent, Note } from "./schema.ts";

/** Where a trace is appended to. */
export interface ByteSink {
  /** Appends all of the bytes, or none of them and throws. */
  append(bytes: Uint8Array): void;
}

/** Writes one trace. It keeps the latest mappings and the latest clear of each process, no more. */
export class TraceWriter {
  readonly #sink: ByteSink;
  readonly #clears = new Map<number, { event: ClearEvent; number: number }>();
  readonly #mappings = new Map<number, { vmas: readonly Vma[]; number: number }>();
  #clearCount = 0;
  #mappingsCount = 0;

  /** Begins the trace with its header. */
  constructor(sink: ByteSink, header: HeaderEvent) {
    this.#sink = sink;
    sink.append(encodeRecord(header));
  }

  /** Appends a clear, and the mappings after it if they changed. */
  clear(event: ClearEvent): void {
    const { process: { pid }, vmas } = event;
    const mappings = vmas === null ? null : this.#mappingsNumber(pid, vmas);
    this.#sink.append(encodeRecord(encodeClear(event, mappings)));
    this.#clears.set(pid, { event, number: this.#clearCount++ });
  }

  /**
   * Appends a snapshot, and its mappings if they changed. The clear that it is measured from is
   * appended first if that was not done, as after a disk was full.
   */
  read(snapshot: Snapshot): void {
    const { process, sinceClear } = snapshot;
    if (sinceClear !== null && this.#clears.get(process.pid)?.event.atNs !== sinceClear.atNs) {
      this.clear(sinceClear);
    }
    const clear = sinceClear === null ? null : this.#clears.get(process.pid)!.number;
    const mappings = this.#mappingsNumber(process.pid, snapshot.vmas);
    this.#sink.append(encodeRecord(encodeRead(snapshot, clear, mappings)));
  }

  /** Appends what no call asked for: a remark, or what became of a process. */
  note(event: Note): void {
    this.#sink.append(encodeRecord(event));
  }

  #mappingsNumber(pid: number, vmas: readonly Vma[]): number {
    const last = this.#mappings.get(pid);
    if (last !== undefined && isSameList(last.vmas, vmas)) return last.number;
    this.#sink.append(encodeRecord(encodeMappings(vmas)));
    const number = this.#mappingsCount++;
    this.#mappings.set(pid, { vmas, number });
    return number;
  }
}

function isSameList(as: readonly Vma[], bs: readonly Vma[]): boolean {
  return as.length === bs.length && as.every((a, i) => {
    const b = bs[i];
    return a.start === b.start && a.end === b.end && a.perms === b.perms && a.name === b.name &&
      a.offsetPages === b.offsetPages && a.device === b.device && a.inode === b.inode;
  });
}
