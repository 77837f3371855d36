import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recordingFile } from "../helpers/recordings.ts";
import { softdirty } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const file = recordingFile("redis");

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

test("export writes OpenMetrics", async () => {
  const { stdout } = await softdirty("export", file, "--format", "openmetrics");
  expect(stdout).toMatch(/^# TYPE softdirty_dirty_bytes counter\n[^]*\n# EOF\n$/);
});
