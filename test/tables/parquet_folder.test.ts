import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Snapshot } from "../../lib/core/snapshot.ts";
import { ParquetTable } from "../../lib/report/export/parquet.ts";
import { openDatabase } from "../../lib/tables/duckdb.ts";
import { writeParquet } from "../../lib/tables/parquet_folder.ts";
import { seconds } from "../helpers/drawn_snapshot.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

const origin = { host: "h", trace: "t", kernelRelease: "6.1.0", arch: "x64" };
const DAY_MS = 86_400_000;

/** The files below a folder. */
function files(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => statSync(join(folder, name)).isFile()).sort()
    : [];
}

/** Snapshots that are read so many seconds before or after midnight. */
function around(...fromMidnight: number[]): Snapshot[] {
  return fromMidnight.map((s) =>
    new Snapshot({ ...seconds("0 rw-p [heap] D")[0], atNs: 0, originUnixMs: DAY_MS + s * 1000 })
  );
}

test("a table of many rows is written in groups, with what is null and what is large", async () => {
  const table = new ParquetTable({ text: "text", n: "integer", x: "number", address: "address" });
  const file = join(temporaryFolder(), "a.parquet");
  const count = 150_000;
  for (let i = 0; i < count; i++) {
    const bytes = table.add([`é${i % 7}\ud800`, i % 2 === 0 ? i : null, i / 2, 2 ** 64 - 4096]);
    if (bytes !== undefined) writeFileSync(file, bytes, { flag: "a" });
  }
  writeFileSync(file, table.finish(), { flag: "a" });
  const database = await openDatabase(temporaryFolder());
  const { batches } = await database.run(
    `select count(*), count(distinct text), min(text), sum(n), count(n), sum(x),
      printf('%x', max(address)) from '${file}'`,
  );
  for await (const [row] of batches) {
    expect(row).toEqual([
      ...[count, 7, "é0\ufffd", count / 2 * (count / 2 - 1), count / 2],
      ...[count * (count - 1) / 4, "fffffffffffff000"],
    ]);
  }
  database.close();
});

describe("a folder of Parquet", () => {
  test("has a file for each day of a trace", async () => {
    const folder = temporaryFolder();
    const written = await writeParquet(around(-2, -1, 1), origin, folder, ["snapshots"]);
    expect(written).toEqual([
      join(folder, "snapshots/host=h/date=1970-01-01/t.parquet"),
      join(folder, "snapshots/host=h/date=1970-01-02/t.parquet"),
    ]);
    expect(files(folder)).toHaveLength(2);
    expect(statSync(written[0]).mode & 0o777).toBe(0o600);
  });

  test("keeps nothing of a trace that is not in order, or cannot be read to its end", async () => {
    const folder = temporaryFolder();
    await expect(writeParquet(around(1, -1), origin, folder, ["runs"])).rejects.toThrow(
      /^The snapshots of t are not in order of time: one of 1970-01-01 comes after one of 1970-01-02/,
    );
    const failing = function* () {
      yield* around(-1, 1);
      throw new Error("broken");
    };
    await expect(writeParquet(failing(), origin, folder, ["runs"])).rejects.toThrow("broken");
    expect(files(folder)).toEqual([]);
  });

  test("keeps what is there, also where only one of the tables is", async () => {
    const folder = temporaryFolder();
    await writeParquet(around(1), origin, folder, ["runs"]);
    const all = ["snapshots", "mappings", "runs"] as const;
    await expect(writeParquet(around(1), origin, folder, all)).rejects.toMatchObject({
      code: "cannot-write",
      message: expect.stringMatching(/runs.*file already exists\. .*-o DIR/),
    });
    expect(files(folder)).toEqual(["runs/host=h/date=1970-01-02/t.parquet"]);
  });

  test("names files safely, whatever hosts and traces are called", async () => {
    const folder = temporaryFolder();
    const odd = { ...origin, host: "../é/..", trace: `.${"x".repeat(300)}*?` };
    const [file] = await writeParquet(around(1), odd, folder, ["runs"]);
    expect(file.slice(folder.length)).toMatch(
      /^\/runs\/host=%2E\.%2F%C3%A9%2F\.\.\/date=1970-01-02\/%2Ex{177}-[0-9a-f]{8}\.parquet$/,
    );
  });

  test.each(["a\nBc", "漢".repeat(100), "NULL", "__HIVE_DEFAULT_PARTITION__", "\u0000", "ab", "%"])(
    "is asked for the host %j by its name",
    async (host) => {
      const folder = temporaryFolder();
      await writeParquet(around(1), { ...origin, host }, folder, ["runs"]);
      const database = await openDatabase(temporaryFolder());
      const { batches } = await database.run(
        `select host from read_parquet('${folder}/runs/*/*/*.parquet', hive_partitioning = true,
          hive_types = {'host': varchar})`,
      );
      for await (const [[found]] of batches) {
        // A name that is too long for a folder is distinguished from others by its end.
        if (host.length < 100) expect(found).toBe(host);
        else expect(found).toMatch(/^漢{15,}-[0-9a-f]{8}$/);
      }
      database.close();
    },
  );

  test("distinguishes long names from each other", async () => {
    const folder = temporaryFolder();
    const long = "x".repeat(300);
    for (const end of ["1", "2"]) {
      await writeParquet(around(1), { ...origin, trace: `${long}${end}` }, folder, ["runs"]);
    }
    expect(files(folder)).toHaveLength(2);
  });

  test("says where nothing can be written", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "a"));
    writeFileSync(join(folder, "a", "runs"), "");
    await expect(writeParquet(around(1), origin, join(folder, "a"), ["runs"])).rejects
      .toMatchObject({ code: "cannot-write" });
  });

  test("gets nothing of a trace without snapshots", async () => {
    const folder = temporaryFolder();
    expect(await writeParquet([], origin, folder, ["runs"])).toEqual([]);
    expect(files(folder)).toEqual([]);
  });
});
