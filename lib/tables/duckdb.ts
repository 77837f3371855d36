/**
 * The only file that knows DuckDB, which need not be installed.
 *
 * @module
 */

import type { Json } from "@duckdb/node-api";
import { SoftdirtyError } from "../core/errors.ts";

/** What a statement gives: its columns, and their rows, some at a time. */
export interface Rows {
  readonly columns: readonly string[];
  /** True for each column of numbers. */
  readonly isNumeric: readonly boolean[];
  readonly batches: AsyncIterable<readonly (readonly Json[])[]>;
}

/** A database in memory. */
export interface Database {
  /** @throws SoftdirtyError with DuckDB's words if it fails. */
  run(sql: string): Promise<Rows>;
  close(): void;
}

/** Types whose values are numbers; DuckDB hands some of them out as text. */
const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\))$/;

/**
 * Opens one.
 *
 * @param temporary where it may put what does not fit into memory
 * @throws SoftdirtyError if DuckDB is not installed.
 */
export async function openDatabase(
  temporary: string,
  load: () => Promise<typeof import("@duckdb/node-api")> = () => import("@duckdb/node-api"),
): Promise<Database> {
  const { DuckDBInstance } = await load().catch((cause) => {
    throw new SoftdirtyError(
      "not-installed",
      `DuckDB cannot be loaded: ${(cause as Error).message.split("\n")[0]}`,
      "It is optional: npm install @duckdb/node-api@1.5.5-r.5. Or write the tables with softdirty " +
        "export --format parquet, and ask another program",
      { cause },
    );
  });
  const instance = await DuckDBInstance.create(":memory:", {
    temp_directory: temporary,
    // It would load these from the network.
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  return {
    async run(sql) {
      try {
        const result = await connection.stream(sql);
        const isNumeric = result.columnTypes().map((type) => NUMERIC.test(String(type)));
        const columns = result.deduplicatedColumnNames();
        return { columns, isNumeric, batches: batchesOf(result.yieldRowsJson(), isNumeric) };
      } catch (cause) {
        throw failed(cause);
      }
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** An error may come as late as with the last row. */
async function* batchesOf(
  batches: AsyncIterable<Json[][]>,
  isNumeric: readonly boolean[],
): AsyncGenerator<Json[][], void, void> {
  try {
    for await (const rows of batches) {
      yield rows.map((row) => row.map((cell, i) => isNumeric[i] ? toNumber(cell) : cell));
    }
  } catch (cause) {
    throw failed(cause);
  }
}

/** A number, or the text of one that is not exact as such. */
function toNumber(cell: Json): Json {
  if (typeof cell !== "string") return cell;
  const value = Number(cell);
  return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : cell;
}

/** DuckDB's own words, without the lines that quote the statement. */
function failed(cause: unknown): SoftdirtyError {
  const [message] = (cause as Error).message.split("\n\nLINE ");
  return new SoftdirtyError(
    "sql",
    `DuckDB cannot run this: ${message.replaceAll("\n", " ")}`,
    "softdirty help sql lists tables and views",
    { cause: cause as Error },
  );
}
