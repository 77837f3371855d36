/**
 * Writes a new file of text.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { SoftdirtyError } from "../core/errors.ts";
import { reasonOf } from "./files.ts";

/**
 * Writes it, readable by its owner alone because it tells about memory.
 *
 * @throws SoftdirtyError if the file exists or cannot be written.
 */
export function writeNewText(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: "wx", mode: 0o600 });
  } catch (cause) {
    throw new SoftdirtyError(
      "cannot-write",
      `Cannot create ${path}: ${reasonOf(cause)}`,
      "Name a new file in a folder that this user may write to, with -o FILE",
      { cause },
    );
  }
}
