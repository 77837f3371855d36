import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../../lib/tables/duckdb.ts";
import { recordingFile } from "../helpers/recordings.ts";
import { finished, interrupted, softdirty, start } from "../helpers/softdirty.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const redis = recordingFile("redis");

test("sql prints rows as text, JSON and CSV", async () => {
  const query = [
    "sql",
    "select command, sum(windowCount) as n, null as gone from rates group by 1",
  ];
  const [text, json, csv] = await Promise.all([
    ...[softdirty(...query, redis), softdirty(...query, redis, "--json")],
    softdirty(...query, redis, "--csv"),
  ]);
  expect(text.stdout).toBe("command        n  gone\nredis-server  24\n");
  expect(JSON.parse(json.stdout)).toEqual({ command: "redis-server", n: 24, gone: null });
  expect(csv.stdout).toBe("command,n,gone\r\nredis-server,24,\r\n");
});

test("sql shows as many digits as one reads, and all of them to programs", async () => {
  const query = ["sql", "select 10 / 3.0::double as x, 12345678901 as n", redis];
  expect((await softdirty(...query)).stdout).toBe("      x            n\n3.33333  12345678901\n");
  expect((await softdirty(...query, "--csv")).stdout).toContain("3.3333333333333335,12345678901");
});

test("sql reads a statement from standard input", async () => {
  const child = start(["sql", "-", redis, "--csv"]);
  child.stdin!.end("select count(*) as n\nfrom snapshots;\n");
  expect(await finished(child)).toEqual({ exitCode: 0, stdout: "n\r\n24\r\n", stderr: "" });
});

test("sql takes a folder, names traces of one name by their paths, and continues after a bad one", async () => {
  const folder = temporaryFolder();
  for (const name of ["a", "b"]) {
    mkdirSync(join(folder, name));
    cpSync(redis, join(folder, name, "same.sdtrace"));
  }
  writeFileSync(join(folder, "bad.sdtrace"), "nothing");
  const query = "select trace, count(*) as n from snapshots group by trace order by trace";
  const { exitCode, stdout, stderr } = await softdirty("sql", query, folder, "--json");
  expect(stdout.trim().split("\n").map((line) => JSON.parse(line))).toEqual([
    { trace: join(folder, "a", "same.sdtrace"), n: 24 },
    { trace: join(folder, "b", "same.sdtrace"), n: 24 },
  ]);
  expect(JSON.parse(stderr)).toMatchObject({
    error: { code: "not-a-trace", message: expect.stringContaining("bad.sdtrace") },
  });
  expect(exitCode).toBe(1);
});

test("sql narrows what it asks about, and prints at most a thousand rows as text", async () => {
  const query = "select distinct mapping from runs";
  const stack = await softdirty("sql", query, redis, "-e", 'mapping == "[stack]"');
  expect(stack.stdout).toBe("mapping\n[stack]\n");
  const many = await softdirty("sql", "select range from range(5000)", redis);
  expect(many.stdout.trim().split("\n")).toHaveLength(1 + 1000);
  expect(many.stderr).toMatch(/first 1000 rows/);
  const all = await softdirty("sql", "select range from range(5000)", redis, "--csv");
  expect(all.stdout.trim().split("\n")).toHaveLength(1 + 5000);
});

test("sql reports what DuckDB does not understand, on one line without escapes", async () => {
  const { exitCode, stderr } = await softdirty("sql", "select \u001b[1m from runs", redis);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^softdirty: DuckDB cannot run this: .*\n$/);
  expect(stderr).not.toContain("\u001b");
  const late = await softdirty(
    "sql",
    "select 1 / (range - 5000)::utinyint from range(9000)",
    redis,
  );
  expect(late).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^softdirty: DuckDB/) });
  const none = await softdirty("sql", "select * from runs", temporaryFolder());
  expect(none.stderr).toMatch(/^softdirty: There is no trace in /);
});

test("sql that is interrupted leaves nothing on the disk", async () => {
  const folder = temporaryFolder();
  const endless = "select count(*) from runs a, runs b, runs c, runs d, runs e";
  const child = start(["sql", endless, redis], { TMPDIR: folder });
  const isUnderWay = () => readdirSync(folder, { recursive: true }).length > 4;
  expect(await interrupted(child, isUnderWay)).toBe("SIGINT");
  expect(readdirSync(folder)).toEqual([]);
});

test("sql whose reader has seen enough leaves nothing on the disk", async () => {
  const folder = temporaryFolder();
  const child = start(["sql", "select * from runs, range(1000)", redis, "--csv"], {
    TMPDIR: folder,
  });
  const closed = new Promise((resolve) => child.once("close", resolve));
  child.stdout!.once("data", () => child.stdout!.destroy());
  await closed;
  expect(readdirSync(folder)).toEqual([]);
});

test("without DuckDB it says how to come by it", async () => {
  const load = () => Promise.reject(new Error("Cannot find package '@duckdb/node-api'\nat ..."));
  await expect(openDatabase("/nowhere", load)).rejects.toMatchObject({
    code: "not-installed",
    message: expect.stringMatching(
      /^DuckDB cannot be loaded: Cannot find package '@duckdb\/node-api'\. It is optional: npm install @duckdb/,
    ),
  });
});
