/**
 * The file, or the files one after the other, that a live session writes.
 *
 * @module
 */

import { TraceError } from "../core/errors.ts";
import type { ClearEvent, Snapshot } from "../core/snapshot.ts";
import type { AnnotationEvent, HeaderEvent } from "../trace/schema.ts";
import { prepareCompression } from "../trace/zstd.ts";
import { LimitError } from "../trace/limits.ts";
import { TraceWriter } from "../trace/writer.ts";
import type { NewFile } from "./sink.ts";
import { createByteSink } from "./sink_file.ts";
import { assertNewRecording, removeSegment, segmentPath } from "./segments.ts";

/** When records reach the disk; they reach the kernel at once in any case. */
export const SYNC_MODES = ["none", "interval", "each"] as const;

/** One of {@linkcode SYNC_MODES}. */
export type SyncMode = typeof SYNC_MODES[number];

/** How to keep what is recorded. */
export interface RecordingOptions {
  /**
   * When to fsync, which matters if the machine fails: never (`none`), once a second and at the end
   * (`interval`, the default), or after every record, before the call returns (`each`).
   */
  readonly sync?: SyncMode | undefined;
  /** Continue in a new file once one has this number of bytes. */
  readonly rotateBytes?: number | undefined;
  /** Continue in a new file once one has been written for this time. */
  readonly rotateMs?: number | undefined;
  /** Keep at most this number of files, the latest ones. */
  readonly keep?: number | undefined;
}

const SYNC_INTERVAL_MS = 1000;

/** Appends to a trace, in pieces if asked for. */
export class Recorder {
  readonly #path: string;
  readonly #header: HeaderEvent;
  readonly #options: RecordingOptions;
  #file: NewFile;
  #writer: TraceWriter;
  #piece = 1;
  #startMs = performance.now();
  #syncMs = performance.now();

  /** @throws TraceError if its name is taken, or the file cannot be created; then there is none. */
  constructor(path: string, header: HeaderEvent, options: RecordingOptions = {}) {
    this.#path = path;
    this.#header = header;
    this.#options = options;
    prepareCompression().catch(() => {}); // without it, records are larger
    assertNewRecording(path);
    [this.#file, this.#writer] = this.#create();
  }

  clear(event: ClearEvent): void {
    this.#append((writer) => writer.clear(event));
  }

  read(snapshot: Snapshot): void {
    try {
      this.#append((writer) => writer.read(snapshot));
    } catch (cause) {
      if (!(cause instanceof LimitError)) throw cause;
      const { pid } = snapshot.process;
      throw new TraceError(
        "too-large",
        this.#path,
        `Cannot record process ${pid} into ${this.#path}: ${cause.message}`,
        "No trace can hold more in one read; shorter intervals make smaller reads",
        { cause },
      );
    }
  }

  note(event: AnnotationEvent): void {
    this.#append((writer) => writer.note(event));
  }

  /** The files of the recording that exist, in order. */
  get files(): readonly string[] {
    if (!this.#isRotated) return [this.#path];
    const { keep = Infinity } = this.#options;
    const first = Math.max(1, this.#piece - keep + 1);
    return Array.from(
      { length: this.#piece - first + 1 },
      (_, i) => segmentPath(this.#path, first + i),
    );
  }

  /**
   * Writes the index and ends the file.
   *
   * @throws TraceError if the file is gone, or could not be written to the disk.
   */
  close(): void {
    try {
      this.#finish();
    } finally {
      this.#file.close();
    }
  }

  /** Removes the file. */
  discard(): void {
    this.#file.discard();
  }

  #append(write: (writer: TraceWriter) => void): void {
    if (this.#isFull()) this.#rotate();
    write(this.#writer);
    const { sync = "interval" } = this.#options;
    if (sync === "each") this.#file.sync();
    else if (sync === "interval" && performance.now() - this.#syncMs > SYNC_INTERVAL_MS) {
      this.#syncMs = performance.now();
      this.#file.syncLater();
    }
  }

  get #isRotated(): boolean {
    const { rotateBytes, rotateMs } = this.#options;
    return rotateBytes !== undefined || rotateMs !== undefined;
  }

  #isFull(): boolean {
    const { rotateBytes = Infinity, rotateMs = Infinity } = this.#options;
    return this.#writer.sizeBytes >= rotateBytes || performance.now() - this.#startMs >= rotateMs;
  }

  /** Continues in a new file. If it cannot be created, the current file stays in use. */
  #rotate(): void {
    this.#piece++;
    let next: [NewFile, TraceWriter];
    try {
      next = this.#create();
    } catch (error) {
      this.#piece--;
      throw error;
    }
    try {
      this.close();
    } finally {
      [this.#file, this.#writer] = next;
    }
    this.#startMs = performance.now();
    const { keep = Infinity } = this.#options;
    if (this.#piece > keep) removeSegment(this.#path, this.#piece - keep);
  }

  #create(): [NewFile, TraceWriter] {
    const file = createByteSink(
      this.#isRotated ? segmentPath(this.#path, this.#piece) : this.#path,
    );
    try {
      return [file, new TraceWriter(file, this.#header)];
    } catch (cause) {
      file.discard();
      throw cause;
    }
  }

  /** A trace without an index is complete as well, so a full disk is not an error here. */
  #finish(): void {
    this.#file.assertWhole();
    try {
      this.#writer.finish();
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
    }
    if (this.#options.sync !== "none") this.#file.sync();
  }
}
