/**
 * A table as a Parquet file, made piece by piece.
 *
 * @module
 */

import { ByteWriter, type ColumnSource, ParquetWriter, type SchemaElement } from "hyparquet-writer";
import { wellFormed } from "../../core/plain_text.ts";
import { VERSION } from "../../core/version.ts";
import type { Cell, CellType, Columns } from "./tables.ts";

/** Rows that are held until they are written together. */
const ROW_GROUP = 1 << 16;

/** How Parquet names what a column holds. */
const TYPES: Readonly<Record<CellType, Omit<SchemaElement, "name">>> = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  integer: { type: "INT64" },
  number: { type: "DOUBLE" },
  address: { type: "INT64", converted_type: "UINT_64" },
};

/** Makes of a cell what the library takes for a column of that type. */
const VALUES: Readonly<Record<CellType, (cell: NonNullable<Cell>) => unknown>> = {
  text: (cell) => wellFormed(cell as string),
  integer: (cell) => BigInt(cell),
  number: (cell) => cell,
  address: (cell) => BigInt(cell),
};

/** Takes rows, and hands out the bytes of the file. Holds one row group. */
export class ParquetTable {
  readonly #types: readonly (readonly [name: string, type: CellType])[];
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  #columns: unknown[][];

  constructor(columns: Columns) {
    this.#types = Object.entries(columns);
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: [
        { name: "root", num_children: this.#types.length },
        ...this.#types.map(([name, type]): SchemaElement => ({
          name,
          ...TYPES[type],
          repetition_type: "OPTIONAL",
        })),
      ],
      createdBy: `softdirty version ${VERSION}`,
    });
    this.#columns = this.#types.map(() => []);
  }

  /** @returns the bytes that follow those before, if there are any yet */
  add(row: readonly Cell[]): Uint8Array | undefined {
    for (const [i, [, type]] of this.#types.entries()) {
      const cell = row[i];
      this.#columns[i].push(cell === null ? null : VALUES[type](cell));
    }
    return this.#columns[0].length < ROW_GROUP ? undefined : this.#taken();
  }

  /** @returns the last bytes; nothing may be added any more */
  finish(): Uint8Array {
    if (this.#columns[0].length > 0) this.#encode();
    this.#writer.finish();
    return this.#bytes.getBytes();
  }

  #taken(): Uint8Array {
    this.#encode();
    const bytes = this.#bytes.getBytes().slice();
    this.#bytes.index = 0;
    return bytes;
  }

  #encode(): void {
    const columnData = this.#types.map(([name], i) => ({
      name,
      data: this.#columns[i],
    })) as ColumnSource[];
    this.#writer.write({ columnData, rowGroupSize: ROW_GROUP });
    this.#columns = this.#types.map(() => []);
  }
}
