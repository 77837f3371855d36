/**
 * Tables as lines: a JSON object for each row, or CSV.
 *
 * @module
 */

import { plainJson } from "../../core/plain_text.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { csvLine } from "../csv.ts";
import { EXPORT_TABLES, type ExportTable, type ExportTableName } from "./tables.ts";

/** A line of JSON for each row; the field `table` tells of which table it is. */
export function* jsonLines(
  snapshots: Iterable<Snapshot>,
  host: string,
  tables: readonly ExportTableName[],
): Generator<string, void, void> {
  for (const snapshot of snapshots) {
    for (const name of tables) {
      const { columns, rows }: ExportTable = EXPORT_TABLES[name];
      for (const row of rows(snapshot, host)) {
        const fields = Object.fromEntries(columns.map((column, i) => [column, row[i]]));
        yield plainJson({ table: name, ...fields });
      }
    }
  }
}

/**
 * One table as CSV, a line at a time, its headings first; null is an empty cell. Each ends with CR, so
 * that with a line break behind it, it ends as the standard wants it.
 */
export function* csvLines(
  snapshots: Iterable<Snapshot>,
  host: string,
  table: ExportTableName,
): Generator<string, void, void> {
  const { columns, rows }: ExportTable = EXPORT_TABLES[table];
  yield `${csvLine(columns)}\r`;
  for (const snapshot of snapshots) {
    for (const row of rows(snapshot, host)) yield `${csvLine(row.map((cell) => cell ?? ""))}\r`;
  }
}
