/** Traces, read by programs that know nothing of this one but its format. */

import { decode, decodeMulti } from "@msgpack/msgpack";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { Snapshot } from "../../lib/core/snapshot.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { encodeRecord } from "../../lib/trace/body.ts";
import { parseFrame } from "../../lib/trace/frame.ts";
import { encodeEnd, indexValue } from "../../lib/trace/index_codec.ts";
import { scanTrace } from "../../lib/trace/scan.ts";
import { EVENT_TYPES, RECORD_TYPES } from "../../lib/trace/schema.ts";
import { plainRuns, plainSnapshot, writeDrawnTrace } from "../helpers/drawn_trace.ts";
import { memorySource, readerOf, rewritten, traceBytes } from "../helpers/memory_trace.ts";
import { join } from "../helpers/raw_records.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";

const PYTHON = "/usr/bin/python3";
const script = fileURLToPath(new URL("./list_dirty.py", import.meta.url));
const hasPython = spawnSync(PYTHON, ["-c", "import msgpack, zstandard"]).status === 0;
if (!hasPython) {
  console.log(
    "LEFT OUT: reading with Debian's python3-msgpack and python3-zstandard, which are not installed",
  );
}
const pythonTest = test.skipIf(!hasPython && process.env.SOFTDIRTY_REQUIRE_LIVE !== "1");

/** What the script prints for a trace, as values, and what it says of it. */
function python(trace: Uint8Array, ...options: string[]) {
  const { stdout, stderr, status } = spawnSync(PYTHON, [script, ...options, "-"], {
    input: trace,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const reported = stdout.split("\n").slice(0, -1).map((line) => JSON.parse(line));
  return { reported, stderr, status };
}

/** What this program finds in a trace, without what is damaged. */
function own(trace: Uint8Array): unknown[] {
  return [...readerOf(trace).events(() => {})].flatMap((event) =>
    event instanceof Snapshot ? [plainSnapshot(event)] : []
  );
}

/** Dirty runs of each snapshot, as this program finds them. */
function ownRuns(file: string): number[][][] {
  return Array.from(openTrace(file).snapshots, (snapshot) => plainRuns(snapshot.dirty));
}

describe.each(RECORDINGS)("the recording %s", (name) => {
  const file = recordingFile(name);
  const bytes = readFileSync(file);

  pythonTest("gives the same dirty pages in Python", () => {
    expect(python(bytes)).toEqual({ reported: ownRuns(file), stderr: "", status: 0 });
  });

  pythonTest("gives the same in Python when it is written again", () => {
    const again = rewritten(openTrace(file));
    expect(python(again)).toEqual({ reported: ownRuns(file), stderr: "", status: 0 });
    expect(python(again, "--all")).toEqual({ reported: own(again), stderr: "", status: 0 });
  });

  test("is iterated by @msgpack/msgpack: numbers and maps in turn, or binary values", () => {
    const { header, snapshotCount } = openTrace(file);
    const values = [...decodeMulti(bytes)];
    if (header.version > 1) {
      expect(readsOf(values)).toHaveLength(snapshotCount);
      return;
    }
    const events = values.filter((_, i) => i % 2 === 1) as { type: string }[];
    expect(values.map((value) => typeof value)).toEqual(
      values.map((_, i) => i % 2 === 0 ? "number" : "object"),
    );
    expect(events[0].type).toBe("header");
    expect(events.filter((event) => event.type === "read")).toHaveLength(snapshotCount);
  });
});

/** The reads among records, which are binary values all; a read is the array of its body. */
function readsOf(records: unknown[]): unknown[][] {
  expect(records.every((record) => record instanceof Uint8Array)).toBe(true);
  return (records as Uint8Array[]).filter((record) => record[4] === EVENT_TYPES.read)
    .map((record) => decode(record.subarray(5)) as unknown[]);
}

const unfinished = traceBytes(writeDrawnTrace);
const finished = traceBytes((writer) => {
  writeDrawnTrace(writer);
  writer.finish();
});
const headerBytes = parseFrame(unfinished)!.lengthBytes;

describe("a drawn trace", () => {
  test("has each form of page set, as it is and as a difference", () => {
    const reads = readsOf([...decodeMulti(finished)]);
    const forms = new Set(
      reads.flatMap((read) => {
        const pages = read[9] as (number | Uint8Array)[];
        return pages.flatMap((set, i) =>
          typeof set === "number" ? [] : [`${(pages[i - 1] as number) % 2} ${set[0] ?? "empty"}`]
        );
      }),
    );
    expect([...forms].sort()).toEqual([
      ...["0 0", "0 1", "0 2", "0 3", "0 empty", "1 0", "1 1", "1 2", "1 3"],
    ]);
    expect(reads.filter((read) => read[8] !== null).length).toBeGreaterThan(60);
  });

  pythonTest.each([["without", unfinished], ["with", finished]])(
    "%s an index gives the same in Python",
    (_, bytes) => {
      expect(python(bytes, "--all")).toEqual({ reported: own(bytes), stderr: "", status: 0 });
      expect(python(bytes).reported).toEqual(
        Array.from(readerOf(bytes).snapshots, (snapshot) => plainRuns(snapshot.dirty)),
      );
    },
  );

  pythonTest("gives the same in Python wherever it is cut off", () => {
    for (let part = 1; part <= 12; part++) {
      const length = headerBytes + Math.floor((finished.length - headerBytes) * part / 12) -
        part % 3;
      const bytes = finished.subarray(0, length);
      expect(python(bytes, "--all")).toMatchObject({ reported: own(bytes), status: 0 });
    }
  }, 60_000);

  pythonTest.each([["without", unfinished], ["with", finished]])(
    "%s an index gives the same in Python whichever byte is wrong",
    (_, bytes) => {
      const places = Array.from({ length: 12 }, (_, i) => bytes.length * (i + 0.37) / 12);
      for (const [i, place] of [headerBytes / 2, headerBytes * 3 / 2, ...places].entries()) {
        const wrong = bytes.slice();
        const at = Math.floor(place);
        wrong[at] ^= 1 << i % 8;
        const { reported, stderr, status } = python(wrong, "--all");
        expect([at, status, reported]).toEqual([at, 0, own(wrong)]);
        expect(stderr).toMatch(/^passed over damage at \d+\n$/);
      }
    },
    60_000,
  );

  pythonTest.each(["types", "offsets", "times", "owners"])(
    "is refused in Python when its index is wrong in its %s",
    (field) => {
      const contents = scanTrace(memorySource(unfinished), headerBytes);
      const index = indexValue(contents) as Record<string, Uint8Array>;
      const indexed = () =>
        join(
          unfinished,
          encodeRecord(RECORD_TYPES.index, index),
          encodeEnd(unfinished.length),
        );
      expect(indexed()).toEqual(finished);
      index[field][index[field].length - 1] ^= 1;
      const { reported, stderr, status } = python(indexed());
      expect([reported, status]).toEqual([[], 1]);
      expect(stderr).toContain("AssertionError: events differ");
    },
  );

  test("is iterated by @msgpack/msgpack: binary values", () => {
    expect(readsOf([...decodeMulti(finished)])).toHaveLength(90);
  });
});
