/** Recordings, read by programs that know nothing of this one but its format. */

import { decodeMulti } from "@msgpack/msgpack";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { openTrace } from "../../lib/session/sd.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";

const PYTHON = "/usr/bin/python3";
const script = fileURLToPath(new URL("./list_dirty.py", import.meta.url));
const hasPython = spawnSync(PYTHON, ["-c", "import msgpack"]).status === 0;
if (!hasPython) {
  console.log("LEFT OUT: reading with Debian's python3-msgpack, which is not installed");
}

/** Dirty runs of each snapshot, as this program finds them. */
function ownRuns(file: string): number[][][] {
  return Array.from(
    openTrace(file).snapshots,
    (snapshot) => Array.from(snapshot.dirty.runs(), (run) => [run.start, run.pageCount]),
  );
}

describe.each(RECORDINGS)("the recording %s", (name) => {
  const file = recordingFile(name);

  test.skipIf(!hasPython && process.env.SOFTDIRTY_REQUIRE_LIVE !== "1")(
    "gives the same dirty pages in Python",
    () => {
      const lines = execFileSync(PYTHON, [script, file], { encoding: "utf8" }).trim().split("\n");
      expect(lines.map((line) => JSON.parse(line))).toEqual(ownRuns(file));
    },
  );

  test("is iterated by @msgpack/msgpack: numbers and maps in turn", () => {
    const values = [...decodeMulti(readFileSync(file))];
    const events = values.filter((_, i) => i % 2 === 1) as { type: string }[];
    expect(values.map((value) => typeof value)).toEqual(
      values.map((_, i) => i % 2 === 0 ? "number" : "object"),
    );
    expect(events[0].type).toBe("header");
    expect(events.filter((event) => event.type === "read")).toHaveLength(
      openTrace(file).snapshotCount,
    );
  });
});
