/** OpenMetrics pages, read by the strict parser of Prometheus's own client for Python. */

import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { RecentTable } from "../../lib/analysis/recent_table.ts";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { metricsPage } from "../../lib/exporter/metrics.ts";
import { openMetricsLines } from "../../lib/report/export/open_metrics.ts";
import { openTrace } from "../../lib/files/open_trace.ts";
import { PROCESS, seconds, snapshot } from "../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";

const PYTHON = "/usr/bin/python3";
/** Debian 12's version compares seconds and nanoseconds of times each by themselves. */
const SCRIPT = `
import json, sys
from prometheus_client.samples import Timestamp
Timestamp.__gt__ = lambda a, b: (a.sec, a.nsec) > (b.sec, b.nsec)
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for family in text_string_to_metric_families(sys.stdin.read()):
    for s in family.samples:
        print(json.dumps([family.type, s.name, s.labels, s.value, s.timestamp and float(s.timestamp)]))
`;
const hasParser = spawnSync(PYTHON, ["-c", "import prometheus_client"]).status === 0;
if (!hasParser) {
  console.log("LEFT OUT: parsing with Debian's python3-prometheus-client, which is not installed");
}
const strictTest = test.skipIf(!hasParser && process.env.SOFTDIRTY_REQUIRE_LIVE !== "1");

type Sample = [
  type: string,
  name: string,
  labels: Record<string, string>,
  value: number,
  seconds: number | null,
];

function parsed(page: string): Sample[] {
  const { stdout, stderr, status } = spawnSync(PYTHON, ["-c", SCRIPT], {
    input: page,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  expect([stderr, status]).toEqual(["", 0]);
  return stdout.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

const hostile = 'a"} 1\n\u001b[1m\\\u2028é漢';

describe.each(RECORDINGS)("the recording %s", (name) => {
  const { snapshots, header } = openTrace(recordingFile(name));

  strictTest("is a page whose counters end where the rate's totals do", () => {
    const samples = parsed(
      [...openMetricsLines(snapshots, hostile, header.originUnixMs)].join("\n") + "\n",
    );
    for (const { process: { pid, command }, dirtyPages, pageSizeBytes } of dirtyRates(snapshots)) {
      const last = samples.findLast(([, name, labels]) =>
        name === "softdirty_dirty_bytes_total" && labels.pid === String(pid) &&
        labels.command === command
      )!;
      expect(last[0]).toBe("counter");
      expect(last[3]).toBe(dirtyPages * pageSizeBytes);
    }
  });

  strictTest("is a page of `watch`, too", async () => {
    const table = new RecentTable(Infinity);
    for (const one of snapshots) table.add(one);
    const samples = parsed(
      await metricsPage({
        ...{
          states: table.states,
          group: table.group?.state,
          all: table.all,
          tracker: header.tracker,
          kernelRelease: hostile,
          waitMs: 1,
        },
        ...{ wantedMs: 1, budget: 0.01, failureCount: 0, untracked: [] },
      }),
    );
    expect(samples.length).toBeGreaterThan(10 + 12 * table.states.length - 1);
  });
});

strictTest("a hostile command comes out as the text that is shown of it", async () => {
  const table = new RecentTable();
  const [one] = seconds("0 rw-p - D");
  table.add(snapshot("0 rw-p - D", { ...one, process: { ...PROCESS, command: hostile } }));
  const samples = parsed(
    await metricsPage({
      ...{
        states: table.states,
        group: table.group?.state,
        all: table.all,
        tracker: "uffd-wp",
        kernelRelease: "6",
        waitMs: 1,
        wantedMs: 1,
      },
      ...{ budget: 0.01, failureCount: 0, untracked: [] },
    }),
  );
  const commands = new Set(samples.flatMap(([, , labels]) => labels.command ?? []));
  expect([...commands]).toEqual(['a"} 1\\x0a\\x1b[1m\\\\u{2028}é漢']);
});

strictTest("names that look alike, and programs that execute themselves, make a valid page", () => {
  const [one, two] = seconds("0 rw-p a\\x01b DD\n0x10 rw-p a\u0001b D", "0 rw-p - D");
  const samples = parsed([...openMetricsLines([one, two], "h", 0)].join("\n") + "\n");
  const totals = samples.filter(([, name]) => name === "softdirty_mapping_dirty_bytes_total");
  expect(new Set(totals.map(([, , { alike }]) => alike))).toEqual(new Set([undefined, "2"]));
  expect(Math.max(...totals.map(([, , , value]) => value))).toBe(8192);
});
