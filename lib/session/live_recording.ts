/**
 * The trace that a live session writes, if it does.
 *
 * @module
 */

import type { AnnotationEvent, HeaderEvent } from "../trace/schema.ts";
import { Recorder, type RecordingOptions } from "../files/recorder.ts";

/** From the first event on there is a file; an idle session leaves none. */
export class LiveRecording {
  readonly #header: () => HeaderEvent;
  readonly #options: RecordingOptions;
  #path: string | undefined;
  #recorder: Recorder | undefined;
  #files: readonly string[] = [];
  #isEmpty = true;
  /** True if it was begun by {@linkcode LiveRecording.start}. */
  #isAsked = false;

  /** @param path the file; undefined to record nothing until {@linkcode LiveRecording.start} */
  constructor(path: string | undefined, header: () => HeaderEvent, options: RecordingOptions) {
    this.#path = path;
    this.#header = header;
    this.#options = options;
  }

  /** The file that is written, or will be. */
  get path(): string | undefined {
    return this.#path;
  }

  /** The files that exist; empty before there is something to write. */
  get files(): readonly string[] {
    return this.#recorder?.files ?? this.#files;
  }

  /** True for a file in which nothing happened, and which was not requested. */
  get isIdle(): boolean {
    return this.#isEmpty && !this.#isAsked;
  }

  /**
   * Creates the file, if it is not there yet.
   *
   * @throws TraceError if it cannot be created.
   */
  open(): Recorder | undefined {
    if (this.#path === undefined) return undefined;
    return this.#recorder ??= new Recorder(this.#path, this.#header(), this.#options);
  }

  /** Appends a clear or a read. */
  write(write: (recorder: Recorder) => void): void {
    const recorder = this.open();
    if (recorder === undefined) return;
    this.#isEmpty = false;
    write(recorder);
  }

  /** Appends a remark, or who came and went; a requested file with only such records counts as empty. */
  note(event: AnnotationEvent): void {
    const recorder = this.open();
    if (recorder === undefined) return;
    if (!this.#isAsked) this.#isEmpty = false;
    recorder.note(event);
  }

  /**
   * Begins a file.
   *
   * @throws TraceError if it cannot be created; then nothing is recorded.
   */
  start(path: string): void {
    this.close();
    this.#path = path;
    [this.#isEmpty, this.#isAsked] = [true, true];
    try {
      this.open();
    } catch (error) {
      this.#path = undefined;
      throw error;
    }
  }

  /** Ends the file, and returns its path; undefined, and no file, if nothing was read or cleared. */
  stop(): string | undefined {
    const path = this.#isEmpty ? undefined : this.#path;
    if (this.#isEmpty) this.discard();
    else this.close();
    this.#path = undefined;
    return path;
  }

  /** Ends the file. */
  close(): void {
    const recorder = this.#recorder;
    this.#files = recorder?.files ?? this.#files;
    this.#recorder = undefined;
    recorder?.close();
  }

  /** Takes back a file in which nothing happened yet. */
  discard(): void {
    this.#recorder?.discard();
    this.#recorder = undefined;
    this.#files = [];
  }
}
