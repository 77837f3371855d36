import { expect, test } from "vitest";
import { TraceReader } from "../../lib/trace/reader.ts";
import { seconds } from "../helpers/drawn_snapshot.ts";
import { memorySource, readerOf, traceBytes } from "../helpers/memory_trace.ts";

const part = (drawing: string) =>
  traceBytes((writer) => {
    for (const one of seconds(drawing, drawing, "0 rw-p - DDD")) writer.read(one);
  });

/** The units of work of a walk over all events. */
function workOf(trace: TraceReader): number {
  let work = 0;
  for (const _ of trace.events(undefined, (units) => work += units)) { /* only the work */ }
  return work;
}

test("a recording of several files takes as much work as its files", () => {
  const parts = [part("0 rw-p - D"), part("0 rw-p - DpDp\n0x100 r--p /lib p"), part("8 rw-p - D")];
  const joined = new TraceReader(parts.map(memorySource), "rotated.sdtrace");
  const single = parts.map((bytes) => workOf(readerOf(bytes)));
  expect(joined.snapshotCount).toBe(9);
  expect(single[1]).toBeGreaterThan(single[0]);
  expect(workOf(joined)).toBe(single.reduce((sum, work) => sum + work));
});
