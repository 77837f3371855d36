/**
 * Traces as Parquet, in folders by table, host and date, as Hive names them:
 * `runs/host=db1/date=2026-11-24/nightly.parquet`. So the traces of many hosts and days make one table.
 *
 * @module
 */

import { join } from "node:path";
import { TraceError } from "../core/errors.ts";
import type { Snapshot } from "../core/snapshot.ts";
import { ParquetTable } from "../report/export/parquet.ts";
import {
  EXPORT_TABLES,
  type ExportTable,
  type ExportTableName,
  type TableOrigin,
} from "../report/export/tables.ts";
import { cleanUp } from "../files/clean_up.ts";
import { breathing } from "./breathing.ts";
import { crc32c } from "../trace/crc32c.ts";
import { PartialFile } from "../files/partial_file.ts";

const LONGEST_NAME = 180;

/** The columns that are in the names of folders; they are in no file. */
const IN_FOLDERS = "host";

/**
 * Writes tables of snapshots in order of time, and returns the files. Nothing that is there is written
 * over unless `force` is set, so that no trace is in a folder twice; a file has its name once it is whole.
 *
 * @throws SoftdirtyError if a file exists or cannot be written, and a TraceError if a snapshot is of a
 * day before that of the one before it. Then none of these files is left.
 */
export async function writeParquet(
  snapshots: Iterable<Snapshot>,
  origin: TableOrigin,
  folder: string,
  tables: readonly ExportTableName[],
  force = false,
): Promise<string[]> {
  const written: PartialFile[] = [];
  const keep = cleanUp(() => written.forEach((file) => file.discard()));
  let date = "";
  let sinks: Sink[] = [];
  try {
    for await (const snapshot of breathing(snapshots)) {
      const day = snapshot.readAt.toISOString().slice(0, 10);
      if (day < date) throw disordered(origin, day, date);
      if (day !== date) {
        for (const sink of sinks) sink.finish();
        sinks = [];
        date = day;
        for (const name of tables) {
          const file = new PartialFile(join(folder, partOf(name, date, origin)), force);
          written.push(file);
          sinks.push(new Sink(file, EXPORT_TABLES[name]));
        }
      }
      for (const sink of sinks) sink.add(snapshot, origin);
    }
    for (const sink of sinks) sink.finish();
    for (const file of written) file.publish();
  } catch (error) {
    for (const file of written) file.discard();
    throw error;
  } finally {
    keep();
  }
  return written.map(({ path }) => path);
}

/** Rows on their way into a file. */
class Sink {
  readonly #file: PartialFile;
  readonly #table: ExportTable;
  readonly #parquet: ParquetTable;
  readonly #kept: readonly number[];

  constructor(file: PartialFile, table: ExportTable) {
    this.#file = file;
    this.#table = table;
    const columns = Object.entries(table.columns);
    this.#kept = [...columns.keys()].filter((i) => columns[i][0] !== IN_FOLDERS);
    this.#parquet = new ParquetTable(Object.fromEntries(this.#kept.map((i) => columns[i])));
  }

  add(snapshot: Snapshot, origin: TableOrigin): void {
    for (const row of this.#table.rows(snapshot, origin)) {
      const bytes = this.#parquet.add(this.#kept.map((i) => row[i]));
      if (bytes !== undefined) this.#file.append(bytes);
    }
  }

  finish(): void {
    this.#file.append(this.#parquet.finish());
    this.#file.close();
  }
}

function partOf(table: string, date: string, { host, trace }: TableOrigin): string {
  // How Hive names what has no value.
  const value = host === "" ? "__HIVE_DEFAULT_PARTITION__" : asHost(host);
  return join(table, `host=${value}`, `date=${date}`, `${asFileName(trace)}.parquet`);
}

/** DuckDB takes these words for no value. */
function asHost(host: string): string {
  const isWord = /^(null|__hive_default_partition__)$/i.test(host);
  return isWord ? `%${host.charCodeAt(0).toString(16)}${host.slice(1)}` : asFileName(host);
}

/**
 * Names are hostile input: neither a path, nor a pattern, nor hidden. What is longer than a name may be
 * is cut, and a checksum makes it unlike others.
 */
function asFileName(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const safe = Array.from(bytes, (byte, i) => {
    const character = String.fromCharCode(byte);
    return /[\w-]/.test(character) || character === "." && i > 0
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  });
  if (safe.join("").length <= LONGEST_NAME) return safe.join("");
  const sum = crc32c(bytes).toString(16).padStart(8, "0");
  // Only as many whole characters as there is room for, each of which may take twelve.
  const kept = [...text].map((character) => asFileName(character));
  let name = "";
  for (const part of kept) {
    if (name.length + part.length > LONGEST_NAME) break;
    name += part;
  }
  return `${name}-${sum}`;
}

function disordered({ trace }: TableOrigin, day: string, date: string): TraceError {
  return new TraceError(
    "not-a-trace",
    trace,
    `The snapshots of ${trace} are not in order of time: one of ${day} comes after one of ${date}`,
    "softdirty log FILE shows them",
  );
}
