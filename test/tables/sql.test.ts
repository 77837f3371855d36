import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dirtyRates } from "../../lib/analysis/rate.ts";
import { openTrace } from "../../lib/files/open_trace.ts";
import { queryTables } from "../../lib/tables/query_tables.ts";
import { seconds, snapshot } from "../helpers/drawn_snapshot.ts";
import { traceBytes } from "../helpers/memory_trace.ts";
import { recordingFile, RECORDINGS } from "../helpers/recordings.ts";
import { writeParquet } from "../../lib/tables/parquet_folder.ts";
import { EXPORT_TABLE_NAMES, originOf } from "../../lib/report/export/tables.ts";

const folder = fileURLToPath(new URL("../../recordings/traces", import.meta.url));
const docs = readFileSync(new URL("../../lib/tables/TABLES.md", import.meta.url), "utf8");
const questions = docs.slice(docs.indexOf("## Ten questions"));
const queries = [...questions.matchAll(/```sql\n([^]*?)```/g)].map(([, sql]) => sql);

/** All rows, as objects. */
function ask(sql: string, ...paths: readonly string[]): Promise<Record<string, unknown>[]> {
  const options = { snapshotsOf: ({ snapshots }: ReturnType<typeof openTrace>) => snapshots };
  return queryTables(sql, paths, options, async ({ columns, batches }) => {
    const rows = [];
    for await (const batch of batches) {
      for (const row of batch) {
        rows.push(Object.fromEntries(columns.map((name, i) => [name, row[i]])));
      }
    }
    return rows;
  });
}

describe("the ten questions of TABLES.md", () => {
  test("are ten", () => expect(queries).toHaveLength(10));

  test.each(queries)("%s", async (sql) => {
    expect((await ask(sql, folder)).length).toBeGreaterThan(0);
  });
});

test.each(RECORDINGS)("SQL has the rates of %s that the measure has", async (name) => {
  const file = recordingFile(name);
  const rows = await ask(
    "select pid, command, dirtyBytes, durationNs, windowCount, meanBytesPerSecond as mean, " +
      "medianBytesPerSecond as median, maxBytesPerSecond as most from rates order by pid, command",
    file,
  );
  const measured = dirtyRates(openTrace(file).snapshots).map((rate) => ({
    pid: rate.process.pid,
    command: rate.process.command,
    dirtyBytes: rate.dirtyPages * rate.pageSizeBytes,
    durationNs: rate.durationNs,
    windowCount: rate.bytesPerSecond.count,
    mean: expect.closeTo(rate.meanBytesPerSecond, 3),
    median: expect.closeTo(rate.bytesPerSecond.p50, 3),
    most: expect.closeTo(rate.bytesPerSecond.max, 3),
  }));
  const byName = (a: typeof measured[number], b: typeof measured[number]) =>
    a.pid - b.pid || (a.command < b.command ? -1 : 1);
  expect(rows).toEqual(measured.sort(byName));
});

describe("a folder of Parquet", () => {
  const lake = mkdtempSync(join(tmpdir(), "softdirty-test-"));
  const hosts = ["db1", "../a b/é*", "007", ""];

  beforeAll(async () => {
    for (const host of hosts) {
      for (const name of ["redis", "tree"]) {
        const trace = openTrace(recordingFile(name));
        const origin = { ...originOf(trace), host };
        await writeParquet(trace.snapshots, origin, lake, EXPORT_TABLE_NAMES);
      }
    }
  });

  afterAll(() => rmSync(lake, { recursive: true, force: true }));

  test("is one table of all hosts, whatever they are called", async () => {
    const rows = await ask(
      "select host, sum(dirtyBytes) as bytes from snapshots group by host",
      lake,
    );
    expect(new Set(rows.map(({ host }) => host))).toEqual(new Set([...hosts.slice(0, 3), null]));
    expect(new Set(rows.map(({ bytes }) => bytes)).size).toBe(1);
  });

  test("has the same totals in each of its tables, and as its traces", async () => {
    const sum = async (sql: string, ...paths: readonly string[]) =>
      (await ask(sql, ...paths))[0].sum;
    const traces = [recordingFile("redis"), recordingFile("tree")];
    const each = await sum("select sum(dirtyBytes) as sum from snapshots", ...traces);
    for (const table of ["snapshots", "mappings", "runs"]) {
      const column = table === "runs" ? "lengthBytes" : "dirtyBytes";
      expect(await sum(`select sum(${column}) as sum from ${table}`, lake)).toBe(4 * Number(each));
    }
  });

  test("takes no trace twice, and keeps what it has", async () => {
    const before = await ask("select count(*) as n from runs", lake);
    const trace = openTrace(recordingFile("redis"));
    const again = writeParquet(trace.snapshots, { ...originOf(trace), host: "db1" }, lake, [
      "runs",
    ]);
    await expect(again).rejects.toThrow(/^Cannot write .*host=db1.*: file already exists/);
    expect(await ask("select count(*) as n from runs", lake)).toEqual(before);
  });

  test("is asked together with traces", async () => {
    const rows = await ask("select count(*) as n from traces", lake, recordingFile("node"));
    expect(rows).toEqual([{ n: 2 * hosts.length + 1 }]);
  });

  test("may have a name with characters of patterns", async () => {
    const odd = join(lake, "odd [a]*?");
    mkdirSync(odd);
    const trace = openTrace(recordingFile("redis"));
    await writeParquet(trace.snapshots, originOf(trace), odd, ["snapshots"]);
    expect(await ask("select count(*) as n from snapshots", odd)).toEqual([{ n: 24 }]);
  });
});

test("a process that is renamed between two reads of one clear is two, as for the measure", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "softdirty-test-")), "renamed.sdtrace");
  const [one] = seconds("0 rw-p - D");
  const renamed = { ...one.process, command: "new" };
  const later = snapshot("0 rw-p - DD", {
    ...{ atNs: 2e9, durationNs: 0, process: renamed, index: 1 },
    sinceClear: { ...one.sinceClear!, process: renamed },
  });
  writeFileSync(
    file,
    traceBytes((writer) => {
      writer.read(one);
      writer.read(later);
    }),
  );
  const measured = dirtyRates(openTrace(file).snapshots).map(({ process, dirtyPages }) => ({
    command: process.command,
    bytes: dirtyPages * 4096,
  }));
  const rows = await ask("select command, dirtyBytes as bytes from rates order by command", file);
  expect(rows).toEqual(measured);
  expect(rows).toHaveLength(2);
});

test("a folder called as a table is none", async () => {
  const folder = mkdtempSync(join(tmpdir(), "softdirty-test-"));
  mkdirSync(join(folder, "runs"));
  cpSync(recordingFile("redis"), join(folder, "runs", "a.sdtrace"));
  expect(await ask("select count(*) as n from snapshots", folder)).toEqual([{ n: 24 }]);
  rmSync(folder, { recursive: true });
});

test("a trace that lies in a folder of Parquet too is not counted twice", async () => {
  const folder = mkdtempSync(join(tmpdir(), "softdirty-test-"));
  const file = recordingFile("redis");
  const trace = openTrace(file);
  await writeParquet(trace.snapshots, originOf(trace), folder, ["snapshots"]);
  await expect(ask("select * from snapshots", folder, file)).rejects.toThrow(
    /redis\.sdtrace is in .* too, and would be counted twice\. Name one of them/,
  );
  rmSync(folder, { recursive: true });
});

test("an empty statement is refused", async () => {
  await expect(ask(" ", recordingFile("redis"))).rejects.toThrow("There is no statement to run");
});

test("an address above 2^63 is exact", async () => {
  const [row] = await ask(
    "select printf('%x', max(startAddress)) as most, max(startAddress) as n from mappings",
    recordingFile("python"),
  );
  const trace = openTrace(recordingFile("python"));
  const most = Math.max(
    ...[...trace.snapshots].flatMap(({ vmas }) => vmas.map(({ start }) => start)),
  );
  expect(row.most).toBe((BigInt(most) * 4096n).toString(16));
});
