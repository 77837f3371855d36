/**
 * A file that has its name only once it is whole, since programs read whatever lies in a folder of tables.
 *
 * @module
 */

import { closeSync, existsSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { SoftdirtyError } from "../core/errors.ts";
import { reasonOf } from "./system_reason.ts";
import { createTemporary, giveName, makeFolder } from "./new_file.ts";

/** Bytes are appended; then it is closed, and published or discarded. */
export class PartialFile {
  readonly path: string;
  #partial = "";
  readonly #force: boolean;
  #file: number | undefined;
  #isPublished = false;

  /**
   * Creates it, readable by its owner alone, with the folders that it needs.
   *
   * @param force replaces a file of that name, once this one is whole
   * @throws SoftdirtyError if there is a file of that name, or none can be made.
   */
  constructor(path: string, force = false) {
    this.path = path;
    this.#force = force;
    this.#attempt(() => {
      if (!force && existsSync(path)) throw new Error("file already exists");
      makeFolder(dirname(path));
      ({ path: this.#partial, file: this.#file } = createTemporary(path));
    });
  }

  append(bytes: Uint8Array): void {
    this.#attempt(() => {
      for (let done = 0; done < bytes.length;) done += writeSync(this.#file!, bytes, done);
    });
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** Gives it its name. */
  publish(): void {
    this.close();
    this.#attempt(() => {
      if (this.#force) renameSync(this.#partial, this.path);
      else giveName(this.#partial, this.path);
      this.#isPublished = true;
    });
  }

  /** Takes it away, published or not. */
  discard(): void {
    this.close();
    rmSync(this.#isPublished ? this.path : this.#partial, { force: true });
  }

  #attempt(call: () => void): void {
    try {
      call();
    } catch (cause) {
      throw new SoftdirtyError(
        "cannot-write",
        `Cannot write ${this.path}: ${reasonOf(cause)}`,
        "Name another folder with -o DIR, or replace what is there with --force",
        { cause },
      );
    }
  }
}
