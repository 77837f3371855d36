/**
 * SQL over any number of traces.
 *
 * @module
 */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { ArgumentError, SoftdirtyError } from "../core/errors.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { type ExportTableName, originOf } from "../report/export/tables.ts";
import { cleanUp } from "../files/clean_up.ts";
import { openTrace } from "../files/open_trace.ts";
import type { TraceReader } from "../trace/reader.ts";
import { openDatabase, type Rows } from "./duckdb.ts";
import { writeParquet } from "./parquet_folder.ts";
import { tableSources } from "./table_sources.ts";
import { neededTables, viewStatements } from "./views.ts";

/** How traces are taken. */
export interface QueryOptions {
  /** The snapshots of a trace. */
  readonly snapshotsOf: (trace: TraceReader) => Iterable<Snapshot>;
  /** Is handed why a trace is left out. By default that is thrown. */
  readonly onUnreadable?: ((error: SoftdirtyError) => void) | undefined;
  /** Is handed each trace once it was read. */
  readonly onRead?: ((trace: TraceReader) => void | Promise<void>) | undefined;
}

/**
 * Runs a statement over the tables `snapshots`, `mappings` and `runs` of traces, of folders of traces and
 * of folders that `export --format parquet` wrote, and over views of them. The tables that it needs are
 * written into a temporary folder, which is gone at the end.
 *
 * @param use is handed the rows
 * @throws SoftdirtyError if DuckDB is not installed or cannot run it, if there is no snapshot, or if a
 * trace would be counted twice.
 */
export async function queryTables<T>(
  sql: string,
  paths: readonly string[],
  options: QueryOptions,
  use: (rows: Rows) => Promise<T>,
): Promise<T> {
  if (sql.trim() === "") throw new ArgumentError("There is no statement to run");
  let made: string | undefined;
  const remove = () => {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
  };
  const keep = cleanUp(remove);
  try {
    const folder = made = mkdtempSync(join(tmpdir(), "softdirty-sql-"));
    const database = await openDatabase(join(folder, "spilled"));
    try {
      const tables = neededTables(sql);
      const folders = tables.length > 0 ? await writeTables(folder, paths, tables, options) : [];
      const globs = (table: ExportTableName) =>
        folders.map((one) => join(asPattern(one), table, "*", "*", "*.parquet"));
      for (const statement of viewStatements(tables, globs)) await database.run(statement);
      return await use(await database.run(sql));
    } finally {
      database.close();
    }
  } finally {
    keep();
    remove();
  }
}

/** Writes tables of all traces, and returns all folders with tables. */
async function writeTables(
  folder: string,
  paths: readonly string[],
  tables: readonly ExportTableName[],
  { snapshotsOf, onUnreadable, onRead }: QueryOptions,
): Promise<string[]> {
  const { traces, parquetFolders } = tableSources(paths);
  let isAny = false;
  let unreadable = 0;
  for (const { file, name } of traces) {
    try {
      const trace = openTrace(file);
      const origin = { ...originOf(trace), trace: name };
      const files = await writeParquet(snapshotsOf(trace), origin, folder, tables);
      for (const written of files) assertOnce(relative(folder, written), file, parquetFolders);
      if (files.length > 0) isAny = true;
      await onRead?.(trace);
      trace.close();
    } catch (error) {
      if (onUnreadable === undefined || !(error instanceof SoftdirtyError)) throw error;
      if (error.code === "counted-twice") throw error;
      onUnreadable(error);
      unreadable++;
    }
  }
  if (!isAny && parquetFolders.length === 0) {
    throw new SoftdirtyError(
      "no-snapshot",
      unreadable === traces.length
        ? "None of these traces can be read"
        : `There is no snapshot in ${paths.join(", ")}, or none that is selected`,
      "softdirty info FILE shows what is in a trace",
    );
  }
  return isAny ? [folder, ...parquetFolders] : [...parquetFolders];
}

/** A trace that is in a folder of Parquet already would count twice. */
function assertOnce(part: string, file: string, parquetFolders: readonly string[]): void {
  const other = parquetFolders.find((one) => existsSync(join(one, part)));
  if (other === undefined) return;
  throw new SoftdirtyError(
    "counted-twice",
    `${file} is in ${other} too, and would be counted twice`,
    "Name one of them",
  );
}

/** DuckDB takes these characters for patterns. */
function asPattern(path: string): string {
  return path.replace(/[*?[\]]/g, "[$&]");
}
