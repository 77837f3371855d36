/** What no measure and no forecast may depend on: how a trace is stored, cut up, or filtered for nothing. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PageSet } from "../../lib/core/page_set.ts";
import { Snapshot } from "../../lib/core/snapshot.ts";
import { openReplay, openTrace, type Sd } from "../../lib/session/sd.ts";
import { TraceReader } from "../../lib/trace/reader.ts";
import { TraceWriter } from "../../lib/trace/writer.ts";
import { clearAt, snapshot } from "../helpers/drawn_snapshot.ts";
import {
  HEADER,
  MemorySink,
  memorySource,
  readerOf,
  rewritten,
  traceBytes,
} from "../helpers/memory_trace.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";

const sd = openReplay(recordingFile("redis"));

const MEASURES: Record<string, (...args: Parameters<Sd["rate"]>) => unknown> = {
  rate: sd.rate,
  wss: sd.wss,
  heat: sd.heat,
  hot: sd.hot,
  "by-mapping": sd.byMapping,
  phases: sd.phases,
  compare: (what, options) => sd.compare(recordingFile("redis"), what!, options),
  "plan migrate": sd.plan.migrate,
  "plan checkpoint": sd.plan.checkpoint,
  "plan fork": sd.plan.fork,
};

const TAUTOLOGIES = [
  "size >= 0B",
  'mapping ~ ""',
  "pid == 1 or not pid == 1",
  "perms has w or not perms has w",
  "not (snapshot == 3 and snapshot == 4)",
  "page has dirty or not page has dirty",
  "reason == written or reason != written",
  "time >= 0s and address >= 0",
];

/** The events of a trace in one file for each part; each file describes its processes again. */
function split(trace: TraceReader, cuts: readonly number[]): TraceReader {
  const events = [...trace.events()];
  const edges = [
    0,
    ...cuts.map((cut) => cut % (events.length + 1)).sort((a, b) => a - b),
    events.length,
  ];
  const files = edges.slice(1).map((end, i) => {
    const sink = new MemorySink();
    const writer = new TraceWriter(sink, { ...trace.header, version: HEADER.version });
    for (const event of events.slice(edges[i], end)) {
      if (event instanceof Snapshot) writer.read(event);
      else if (event.type === "clear") writer.clear(event);
      else writer.note(event);
    }
    writer.finish();
    return memorySource(sink.bytes);
  });
  return new TraceReader(files, trace.name);
}

describe.each(RECORDINGS)("of the recording %s", (name) => {
  const trace = openTrace(recordingFile(name));
  const again = readerOf(rewritten(trace));

  test.each(Object.entries(MEASURES))("%s is the same when it is written again", (_, measure) => {
    expect(measure(again)).toEqual(measure(trace));
  });

  test.each(Object.entries(MEASURES))(
    "%s is the same when it is split and joined",
    (_, measure) => {
      const whole = measure(trace);
      fc.assert(
        fc.property(fc.array(fc.nat(), { maxLength: 4 }), (cuts) => {
          expect(measure(split(trace, cuts))).toEqual(whole);
        }),
        { numRuns: 2 },
      );
    },
  );

  test.each(Object.entries(MEASURES))("%s is the same when nothing is filtered", (_, measure) => {
    const whole = measure(trace);
    const where = TAUTOLOGIES.map((one) => `(${one})`).join(" and ");
    expect(measure(trace, { where })).toEqual(whole);
  });
});

/** Windows of up to three processes, with pages that come and go and mappings that grow. */
const drawnTraces = fc.array(
  fc.record({
    pid: fc.integer({ min: 42, max: 44 }),
    pages: fc.array(fc.nat(63), { maxLength: 20 }),
    end: fc.integer({ min: 32, max: 64 }),
    ms: fc.integer({ min: 1, max: 900 }),
  }),
  { minLength: 1, maxLength: 25 },
).map((windows) =>
  traceBytes((writer) => {
    for (const [i, { pid, pages, end, ms }] of windows.entries()) {
      const process = { pid, startTimeTicks: 7, command: `drawn ${pid}` };
      const sinceClear = { ...clearAt(i * 1e9), process };
      const one = snapshot(`0x100 rw-p [heap] ${"p".repeat(end)}\n0x200 rw-s /shared p`, {
        ...{ process, sinceClear, atNs: i * 1e9 + ms * 1e6 },
      });
      const dirty = PageSet.from(
        pages.map((page) => ({ start: 0x100 + page % end, end: 0x101 + page % end })),
      );
      writer.read(new Snapshot({ ...one, pages: { ...one.pages, dirty } }));
    }
  })
);

test.each(Object.entries(MEASURES))(
  "of any trace, %s is the same for split files, a filter that keeps all, and plain snapshots",
  (_, measure) => {
    fc.assert(
      fc.property(
        drawnTraces,
        fc.array(fc.nat(), { maxLength: 3 }),
        fc.constantFrom(...TAUTOLOGIES),
        (
          bytes,
          cuts,
          where,
        ) => {
          const trace = readerOf(bytes);
          const whole = measure(trace);
          expect(measure(split(trace, cuts), { where })).toEqual(whole);
          expect(measure([...trace.snapshots])).toEqual(whole);
        },
      ),
      { numRuns: 20 },
    );
  },
);
