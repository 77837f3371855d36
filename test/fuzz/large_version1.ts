/**
 * Files of version 1 below 32 MB that ask for much work or memory.
 *
 * @module
 */

import { encode } from "@msgpack/msgpack";
import type { PageSet } from "../../lib/core/page_set.ts";
import { encodeVarintRuns } from "../../lib/trace/varint_runs.ts";
import { header1, joinAll, record1 } from "../helpers/raw_records.ts";
import { rows, scattered } from "./forge.ts";

/** All of them by name. */
export const LARGE_VERSION_1: Readonly<Record<string, () => Uint8Array>> = {
  version1Scattered() {
    const list = [[16, 2 ** 40, "rw-p", 0, "00:00", "0", ""]];
    return windows(3, [list], (i) => scattered(1_000_000, 40_000 + i));
  },
  version1ManyWindows: () => windows(80_000, [rows(2)], () => scattered(3, 2)),
  version1Processes: () => windows(80_000, [rows(2)], () => scattered(1, 2), 10_000),
  /** Lists that are asked for in turn, so that each has to be decoded again. */
  version1Lists: () =>
    windows(4000, [rows(100_000), rows(100_000, { start: 32 })], () => scattered(3, 2)),
};

function windows(
  count: number,
  lists: readonly unknown[],
  pagesOf: (window: number) => PageSet,
  processCount = 1,
): Uint8Array {
  const parts = [header1(), ...lists.map((rows) => event({ type: "mappings", rows }))];
  for (let i = 0; i < count; i++) {
    const number = i % processCount;
    const process = { pid: 1000 + number, startTimeTicks: 1, command: `p${number}` };
    const bytes = encodeVarintRuns(pagesOf(i));
    parts.push(
      event({ type: "clear", process, atNs: 1e9 * i, durationNs: 1000 }),
      event({
        ...{ type: "read", process, atNs: 1e9 * i + 5e8, durationNs: 1000, clear: i },
        mappings: i % lists.length,
        pages: { dirty: bytes, present: bytes },
      }),
    );
  }
  return joinAll(parts);
}

function event(value: unknown): Uint8Array {
  return record1(encode(value));
}
