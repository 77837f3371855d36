/**
 * Where live tests write their traces.
 *
 * @module
 */

import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { TraceError } from "../../lib/core/errors.ts";
import { openTrace } from "../../lib/session/sd.ts";

/** From here the traces are brought out of the VM. */
const FOLDER = process.env.SOFTDIRTY_LIVE_OUTPUT ?? join(tmpdir(), `softdirty-live-${process.pid}`);

/** A new file of that name. */
export function traceFile(name: string): string {
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${name}.sdtrace`);
  rmSync(file, { force: true });
  return file;
}

/** How many events a trace has that may be in the making. */
export function eventCount(file: string): number {
  try {
    return openTrace(file).eventCount;
  } catch (error) {
    if (error instanceof TraceError) return 0;
    throw error;
  }
}
