import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Snapshot } from "../../lib/core/snapshot.ts";
import { seconds } from "../helpers/drawn_snapshot.ts";
import { traceBytes } from "../helpers/memory_trace.ts";
import { recordingFile } from "../helpers/recordings.ts";
import { interrupted, softdirty, start } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const file = recordingFile("redis");

/** The files below a folder. */
function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(folder, name)).isFile());
}

/** A trace that takes some seconds to be exported. */
function largeTrace(): Uint8Array {
  const drawing = Array.from({ length: 20 }, (_, i) => `${i * 4096} rw-p - ${"Dp".repeat(1000)}`);
  const [one] = seconds(drawing.join("\n"));
  return traceBytes((writer) => {
    for (let i = 0; i < 100; i++) {
      const times = { atNs: (i + 1) * 1e9, index: i };
      writer.read(
        new Snapshot({ ...one, ...times, sinceClear: { ...one.sinceClear!, atNs: i * 1e9 } }),
      );
    }
  });
}

test("export writes JSON lines of all tables, or of one", async () => {
  const { exitCode, stdout } = await softdirty("export", file, "--format", "jsonl");
  const rows = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  expect(exitCode).toBe(0);
  expect(new Set(rows.map(({ table }) => table))).toEqual(
    new Set(["snapshots", "mappings", "runs"]),
  );
  const some = await softdirty("export", file, "--format", "jsonl", "--table", "snapshots");
  expect(some.stdout.trimEnd().split("\n")).toHaveLength(24);
});

test("export writes CSV into a new file of its owner's, and none over", async () => {
  const output = join(temporaryFolder(), "a.csv");
  const args = ["export", file, "--format", "csv", "-e", "snapshot < 3", "-o", output];
  expect(await softdirty(...args)).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  expect(readFileSync(output, "utf8").trimEnd().split("\n")).toHaveLength(1 + 3);
  expect(statSync(output).mode & 0o777).toBe(0o600);
  expect(await softdirty(...args)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^softdirty: Cannot write .*: file already exists/),
  });
});

test("export writes counters that a JSON reader takes, and asks for a format", async () => {
  const { stdout } = await softdirty("export", file, "--format", "trace-event");
  const { traceEvents } = JSON.parse(stdout);
  expect(traceEvents.filter(({ ph }: { ph: string }) => ph === "C").length).toBeGreaterThan(24);
  expect((await softdirty("export", file)).exitCode).toBe(2);
  expect((await softdirty("export", file, "--format", "xml")).exitCode).toBe(2);
});

test("export writes Parquet into a folder, once", async () => {
  const folder = join(temporaryFolder(), "lake");
  const args = ["export", file, "--format", "parquet", "-o", folder];
  const { exitCode, stdout } = await softdirty(...args);
  expect(exitCode).toBe(0);
  expect(stdout.trim().split("\n")).toEqual(
    ["snapshots", "mappings", "runs"].map((table) =>
      join(folder, table, "host=softdirty-vm", "date=2026-11-23", "redis.parquet")
    ),
  );
  expect((await softdirty(...args)).stderr).toMatch(/redis\.parquet: file already exists/);
  expect(readdirSync(join(folder, "runs", "host=softdirty-vm", "date=2026-11-23"))).toEqual([
    "redis.parquet",
  ]);
  expect((await softdirty("export", file, "--format", "parquet")).stderr).toContain("-o DIR");
});

test.each(["csv", "parquet"])(
  "an export to %s that is interrupted leaves nothing",
  async (format) => {
    const folder = temporaryFolder();
    const trace = join(temporaryFolder(), "large.sdtrace");
    writeFileSync(trace, largeTrace());
    const output = format === "csv" ? join(folder, "a.csv") : folder;
    const child = start(["export", trace, "--format", format, "--table", "runs", "-o", output]);
    expect(await interrupted(child, () => files(folder).length > 0)).toBe("SIGINT");
    expect(files(folder)).toEqual([]);
  },
);

test("export takes several traces and folders for Parquet, and one for anything else", async () => {
  const folder = temporaryFolder();
  const args = [file, recordingFile("tree")];
  const all = await softdirty("export", ...args, "--format", "parquet", "-o", folder);
  expect(all.stdout.trim().split("\n")).toHaveLength(6);
  const csv = await softdirty("export", ...args, "--format", "csv");
  expect([csv.exitCode, csv.stderr]).toEqual([2, expect.stringContaining("takes one trace")]);
  const table = await softdirty("export", file, "--format", "openmetrics", "--table", "runs");
  expect([table.exitCode, table.stderr]).toEqual([2, expect.stringContaining("has no tables")]);
});

test("export reports that no snapshot matches", async () => {
  const args = ["-e", "pid == 1", "-o", temporaryFolder()];
  const { stderr } = await softdirty("export", file, "--format", "parquet", ...args);
  expect(stderr).toMatch(/^softdirty: no snapshot of .*redis\.sdtrace matches\n$/);
});

test("export writes OpenMetrics", async () => {
  const { stdout } = await softdirty("export", file, "--format", "openmetrics");
  expect(stdout).toMatch(/^# TYPE softdirty_dirty_bytes counter\n[^]*\n# EOF\n$/);
});
