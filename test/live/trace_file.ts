/**
 * Where live tests write their traces.
 *
 * @module
 */

import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** From here the traces are brought out of the VM. */
const FOLDER = process.env.SOFTDIRTY_LIVE_OUTPUT ?? join(tmpdir(), `softdirty-live-${process.pid}`);

let number = 0;

/** A new file for a test. A name in brackets at the end of the test's own names the file. */
export function traceFile(testName: string): string {
  const name = /\[(\w+)\]$/.exec(testName)?.[1] ?? `unnamed${++number}`;
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${name}.sdtrace`);
  rmSync(file, { force: true });
  return file;
}
