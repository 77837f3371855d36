import { describe, expect, test } from "vitest";
import { PageSet } from "../../../lib/core/page_set.ts";
import { csvLines, jsonLines } from "../../../lib/report/export/lines.ts";
import { openMetricsLines } from "../../../lib/report/export/open_metrics.ts";
import { EXPORT_TABLES } from "../../../lib/report/export/tables.ts";
import { traceEvents } from "../../../lib/report/export/trace_event.ts";
import { dirtyRates } from "../../../lib/analysis/rate.ts";
import { openTrace } from "../../../lib/session/sd.ts";
import { seconds, snapshot } from "../../helpers/drawn_snapshot.ts";
import { recordingFile, RECORDINGS } from "../../helpers/recordings.ts";

const origin = { host: "drawn", trace: "one", kernelRelease: "6.1.0", arch: "x64" };
const [one] = seconds("0x10 rw-p [heap] DDpd\n0x14 rw-p /a,b D.");

test("a snapshot is a row, its mappings and the runs of its dirty pages are rows", () => {
  const rows = [...jsonLines([one], origin, ["snapshots", "mappings", "runs"])].map((line) =>
    JSON.parse(line)
  );
  const key = {
    host: "drawn",
    trace: "one",
    pid: 42,
    command: "drawn",
    snapshot: 0,
    readAtUnixMs: 1_700_000_001_000,
  };
  expect(rows[0]).toEqual({
    ...{
      table: "snapshots",
      ...key,
      atNs: 1e9,
      durationNs: 0,
      clearedAtNs: 0,
      windowNs: 1e9,
      stoppedNs: 0,
      unseenNs: 0,
    },
    ...{
      startTimeTicks: 1000,
      tracker: "soft-dirty",
      kernelRelease: "6.1.0",
      arch: "x64",
      pageSizeBytes: 4096,
      mappedBytes: 6 * 4096,
      populatedBytes: 4 * 4096,
    },
    ...{ dirtyBytes: 3 * 4096, newBytes: 4096, untrackedBytes: 0 },
    ...{ untrackedReasons: "", writableBytes: 6 * 4096, leastDirtyBytes: 3 * 4096 },
    ...{ reclaimableBytes: 0, reclaimedPages: null, mergeableBytes: 0 },
    ...{ deviceWritableBytes: 0, droppedBytes: null },
  });
  expect(rows.slice(1, 3).map(({ name, dirtyBytes, newBytes }) => [name, dirtyBytes, newBytes]))
    .toEqual([["[heap]", 8192, 4096], ["/a,b", 4096, 0]]);
  expect(
    rows.slice(3).map(({ table, startAddress, lengthBytes, mapping }) => [
      ...[table, startAddress, lengthBytes, mapping],
    ]),
  ).toEqual([["runs", "00010000", 8192, "[heap]"], ["runs", "00014000", 4096, "/a,b"]]);
});

test("CSV has headings and a line for each row, with names that stay in their cell", () => {
  const lines = [...csvLines([one], origin, "mappings")];
  expect(lines[0]).toBe(`${Object.keys(EXPORT_TABLES.mappings.columns).join(",")}\r`);
  expect(lines).toHaveLength(3);
  expect(lines[2]).toMatch(/,rw-p,"\/a,b",4096,4096,0,0\r$/);
});

test("a run that goes over the border of mappings is a row for each of them", () => {
  const [both] = seconds("0x10 rw-p /a DD\n0x12 rw-p /b D");
  expect(both.dirty.equals(PageSet.from([{ start: 0x10, end: 0x13 }]))).toBe(true);
  const rows = [...EXPORT_TABLES.runs.rows(both, origin)];
  expect(rows.map((row) => row.slice(-2))).toEqual([[8192, "/a"], [4096, "/b"]]);
});

test("counters have the rate of each window, and fall to 0 at the end", () => {
  const events = [...traceEvents(seconds("0 rw-p \u001b[1m DD", "0 rw-p \u001b[1m Dp"))] as {
    name: string;
    ph: string;
    ts?: number;
    args: Record<string, number>;
  }[];
  expect(events[0]).toMatchObject({ ph: "M", args: { name: "drawn" } });
  const rates = events.filter(({ name }) => name === "dirty rate");
  expect(rates.map(({ ts, args }) => [ts, args.bytesPerSecond])).toEqual([
    ...[[0, 8192], [1e6, 4096], [2e6, 0]],
  ]);
  expect(JSON.stringify(events)).not.toContain("\\u001b");
});

test("OpenMetrics adds up the windows of a process, from 0 on, and ends as it should", () => {
  const snapshots = seconds('0 rw-p a"b\\c\u001b[1m DD', '0 rw-p a"b\\c\u001b[1m Dp');
  const lines = [...openMetricsLines(snapshots, "h", 1_700_000_000_000)];
  const samples = lines.filter((line) => line.startsWith("softdirty_dirty_bytes_total"));
  expect(samples.map((line) => line.split("} ")[1])).toEqual([
    ...["0 1700000000.000000", "8192 1700000001.000000", "12288 1700000002.000000"],
  ]);
  expect(lines.join("\n")).toContain(String.raw`mapping="a\"b\\c\\x1b[1m"`);
  expect(lines.at(-1)).toBe("# EOF");
});

test("counters of mappings fall to 0 too, and where nothing is known for a while", () => {
  const [one, two] = seconds("0 rw-p a D", "0 rw-p a D");
  const later = snapshot("0 rw-p a D", {
    ...two,
    atNs: 6e9,
    sinceClear: { ...two.sinceClear!, atNs: 5e9 },
  });
  const events = [...traceEvents([one, later])] as {
    name: string;
    ts: number;
    args: Record<string, number>;
  }[];
  for (const track of ["dirty rate", "dirty rate of a"]) {
    const reported = events.filter(({ name }) => name === track);
    expect(reported.map(({ ts, args }) => [ts, args.bytesPerSecond])).toEqual([
      ...[[0, 4096], [1e6, 0], [5e6, 4096], [6e6, 0]],
    ]);
  }
});

describe.each(RECORDINGS)("the tables of the recording %s", (name) => {
  test("agree with each other, and with the rate", () => {
    const { snapshots } = openTrace(recordingFile(name));
    const sums = { snapshots: 0, mappings: 0, runs: 0 };
    for (const line of jsonLines(snapshots, origin, ["snapshots", "mappings", "runs"])) {
      const row = JSON.parse(line);
      sums[row.table as "runs"] += row.table === "runs" ? row.lengthBytes : row.dirtyBytes;
    }
    expect(sums.mappings).toBe(sums.snapshots);
    expect(sums.runs).toBe(sums.snapshots);
    const measured = dirtyRates(snapshots).reduce(
      (sum, { dirtyPages }) => sum + dirtyPages * 4096,
      0,
    );
    expect(sums.snapshots).toBeGreaterThanOrEqual(measured);
  });
});
