import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { Snapshot } from "../../lib/core/snapshot.ts";
import { Query } from "../../lib/query/query.ts";
import { filterTrace } from "../../lib/files/filter_trace.ts";
import { openTrace } from "../../lib/session/sd.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

let output: string;
beforeEach(() => {
  output = join(temporaryFolder(), "filtered.sdtrace");
});

const fail = (error: unknown) => {
  throw error;
};

/** All events of a trace but its first mark; snapshots without their numbers. */
const eventsOf = (file: string) =>
  Array.from(
    openTrace(file).events(),
    (event) => event instanceof Snapshot ? { ...event, index: 0 } : event,
  );

describe.each(RECORDINGS)("filterTrace() over the recording %s", (name) => {
  const file = recordingFile(name);

  test("keeps everything by a tautology, and says from what it is", () => {
    const query = new Query("perms has r or not perms has r");
    const counts = filterTrace(openTrace(file), output, (one) => query.apply(one), {
      filter: query.text,
    });
    expect(counts.snapshotCount).toBe(counts.ofCount);
    const [mark, ...events] = eventsOf(output);
    expect(mark).toEqual({
      type: "mark",
      text: `filtered from ${name}.sdtrace: ${query.text}`,
      atNs: 0,
    });
    expect(events).toEqual(eventsOf(file));
    expect(openTrace(output).header.probe).toEqual(openTrace(file).header.probe);
  });

  test("keeps of each snapshot what the expression keeps of it", () => {
    const query = new Query("perms has w and page has dirty and size < 4MiB");
    filterTrace(openTrace(file), output, (one) => query.apply(one));
    const kept = Array.from(openTrace(file).snapshots, (one) => query.apply(one));
    const found = Array.from(openTrace(output).snapshots, (one) => ({ ...one, index: 0 }));
    expect(found).toEqual(
      kept.filter(({ vmas }) => vmas.length > 0).map((one) => ({ ...one, index: 0 })),
    );
  });
});

test("filterTrace() leaves no file if it fails, and writes over none", () => {
  const trace = openTrace(recordingFile("tree"));
  expect(() => filterTrace(trace, output, () => fail(new Error("no")))).toThrow("no");
  expect(existsSync(output)).toBe(false);
  const none = { snapshotCount: 0, ofCount: trace.snapshotCount };
  expect(filterTrace(trace, output, () => undefined)).toEqual(none);
  expect(statSync(output).mode & 0o777).toBe(0o600);
  expect(() => filterTrace(trace, output, (one) => one)).toThrow(/already exists/);
  expect(openTrace(output).snapshotCount).toBe(0);
});
