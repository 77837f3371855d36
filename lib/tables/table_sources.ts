/**
 * Where tables can be taken from: traces, folders of traces, and folders of Parquet files.
 *
 * @module
 */

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { SoftdirtyError } from "../core/errors.ts";
import { EXPORT_TABLE_NAMES, traceStem } from "../report/export/tables.ts";

/** What some paths stand for. */
export interface TableSources {
  readonly traces: readonly { readonly file: string; readonly name: string }[];
  /** Folders as `export --format parquet` writes them. */
  readonly parquetFolders: readonly string[];
}

/**
 * Finds traces, and names them by their files, or by their paths where several have the same.
 *
 * @throws SoftdirtyError if a folder has neither traces nor tables.
 */
export function tableSources(paths: readonly string[]): TableSources {
  const files: string[] = [];
  const parquetFolders: string[] = [];
  for (const path of paths) {
    if (!existsSync(path) || !statSync(path).isDirectory()) files.push(path);
    else if (EXPORT_TABLE_NAMES.some((name) => isTable(join(path, name)))) {
      parquetFolders.push(path);
    } else files.push(...tracesIn(path));
  }
  const counts = new Map<string, number>();
  const unique = [...new Set(files)].map((file) => ({ file, stem: traceStem(file) }));
  for (const { stem } of unique) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  const traces = unique.map(({ file, stem }) => ({
    file,
    name: counts.get(stem) === 1 ? stem : file,
  }));
  return { traces, parquetFolders };
}

/** True for a folder with one for a host, as Parquet is laid out. */
function isTable(folder: string): boolean {
  return existsSync(folder) && statSync(folder).isDirectory() &&
    readdirSync(folder).some((name) => name.startsWith("host="));
}

/** Those of a rotated recording are one. */
function tracesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".sdtrace"))
    .map((name) => name.replace(/\.\d{4,}(?=\.sdtrace$)/, ""));
  const files = [...new Set(names)].sort().map((name) => join(folder, name));
  if (files.length > 0) return files;
  throw new SoftdirtyError(
    "cannot-open",
    `There is no trace in ${folder}`,
    "Name traces, a folder of traces, or one that softdirty export --format parquet wrote",
  );
}
