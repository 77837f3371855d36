/**
 * Real recordings, read and written again. `npm run goldens` rewrites the golden files: do so when what
 * is printed was changed on purpose, and read the difference.
 */

import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { diffSnapshots } from "../../lib/core/diff.ts";
import { PageSet } from "../../lib/core/page_set.ts";
import { diffText } from "../../lib/report/diff_text.ts";
import { eventLine, traceText } from "../../lib/report/event_text.ts";
import { runLines } from "../../lib/report/runs_text.ts";
import { snapshotText } from "../../lib/report/snapshot_text.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { TraceReader } from "../../lib/trace/reader.ts";
import { memorySource, rewritten } from "../helpers/memory_trace.ts";
import { goldenFile, recordingFile, RECORDINGS } from "../helpers/recordings.ts";

/** All that this program says of a trace. */
function reported(trace: TraceReader): string {
  return [
    traceText(trace),
    ...Array.from(trace.events(), eventLine),
    snapshotText(trace.at(-1)),
    diffText(diffSnapshots(trace.at(0), trace.at(-1))),
    ...runLines(trace.at(0)),
    "",
  ].join("\n");
}

describe.each(RECORDINGS)("the recording %s", (name) => {
  const file = recordingFile(name);

  test("reads as its golden file says", () => {
    const text = reported(new TraceReader(memorySource(readFileSync(file)), `${name}.sdtrace`));
    const golden = goldenFile(name);
    if (process.env.UPDATE_GOLDENS === "1") {
      mkdirSync(dirname(golden), { recursive: true });
      writeFileSync(golden, text);
    }
    expect(text).toBe(readFileSync(golden, "utf8"));
  });

  test("is the same when it is written again, in the format of today", () => {
    const trace = openTrace(file);
    const again = new TraceReader(memorySource(rewritten(trace)), trace.name);
    expect([...again.events()]).toEqual([...trace.events()]);
    expect({ ...again.header, version: 0 }).toEqual({ ...trace.header, version: 0 });
  });

  test("is united into what its snapshots are united into one by one", () => {
    const trace = openTrace(file);
    const union = [...trace.snapshots].reduce((all, { dirty }) => all.union(dirty), PageSet.empty);
    expect(union.isEmpty).toBe(false);
    expect(trace.dirtyUnion().toJSON()).toEqual(union.toJSON());
  });

  test("is whole, small, and from a kernel that was proven to track", () => {
    const trace = openTrace(file);
    expect(trace.problems).toEqual([]);
    expect(trace.header.probe.works).toBe(true);
    expect(statSync(file).size).toBeLessThan(300_000);
  });
});

test("the recordings are those that the README names", () => {
  const names = ["every7", "node", "python", "redis", "redis-uffd", "tree"];
  expect(RECORDINGS.sort()).toEqual(names);
});

test.each(["every7", "node", "python", "redis"])(
  "the recording %s is of version 1, and of the first kernel that softdirty was tried on",
  (name) => {
    const { header } = openTrace(recordingFile(name));
    expect([header.version, header.tracker]).toEqual([1, "soft-dirty"]);
    expect(header.host.kernelRelease).toMatch(/^6\.1\./);
  },
);

test.each(["redis-uffd", "tree"])("the recording %s is of version 2, and of uffd-wp", (name) => {
  const { header, isIndexed } = openTrace(recordingFile(name));
  expect([header.version, header.tracker, isIndexed]).toEqual([2, "uffd-wp", true]);
});
