/**
 * Sessions over live processes.
 *
 * @module
 */

import { type LiveOptions, LiveSource } from "./live_source.ts";
import { createSd, type Sd } from "./sd.ts";

/**
 * A session over live processes, which records what it does.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const sd = openLive({ pid: process.pid, output: null });
 * if (sd.probe().works) {
 *   sd.clear();
 *   assert.equal(sd.read().process.pid, process.pid);
 * } else assert.throws(() => sd.clear(), { code: "tracking-unsupported" });
 * ```
 */
export function openLive(options: LiveOptions = {}): Sd {
  return createSd(new LiveSource(options));
}
