/**
 * Tables as lines: a JSON object for each row, or CSV.
 *
 * @module
 */

import { formatAddress } from "../../core/address.ts";
import { plainJson } from "../../core/plain_text.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { csvLine } from "../csv.ts";
import {
  type Cell,
  type CellType,
  EXPORT_TABLES,
  type ExportTable,
  type ExportTableName,
  type TableOrigin,
} from "./tables.ts";

/** A line of JSON for each row; the field `table` names its table. */
export function* jsonLines(
  snapshots: Iterable<Snapshot>,
  origin: TableOrigin,
  tables: readonly ExportTableName[],
): Generator<string, void, void> {
  for (const snapshot of snapshots) {
    for (const name of tables) {
      const { columns, rows }: ExportTable = EXPORT_TABLES[name];
      const types = Object.entries(columns);
      for (const row of rows(snapshot, origin)) {
        const fields = Object.fromEntries(
          types.map(([name, type], i) => [name, printed(row[i], type)]),
        );
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
  origin: TableOrigin,
  table: ExportTableName,
): Generator<string, void, void> {
  const { columns, rows }: ExportTable = EXPORT_TABLES[table];
  const types = Object.values(columns);
  yield `${csvLine(Object.keys(columns))}\r`;
  for (const snapshot of snapshots) {
    for (const row of rows(snapshot, origin)) {
      yield `${csvLine(row.map((cell, i) => printed(cell, types[i]) ?? ""))}\r`;
    }
  }
}

/** Addresses as the kernel prints them; the rest as it is. */
function printed(cell: Cell, type: CellType): Cell {
  return type === "address" ? formatAddress(cell as number, 1) : cell;
}
