/**
 * What can be asked for in SQL: the three tables, and views over them.
 *
 * @module
 */

import { EXPORT_TABLE_NAMES, type ExportTableName } from "../report/export/tables.ts";

/** A view: what it stands on, and what it selects. */
interface View {
  readonly over: readonly string[];
  readonly select: string;
}

/** One row for the last snapshot after each clear, as the measures count: see `analysis/windows.ts`. */
const WINDOWS = `
  select * from snapshots where windowNs is not null
  qualify row_number() over (
    partition by host, trace, round(readAtUnixMs - atNs / 1e6), pid, startTimeTicks, command,
      clearedAtNs
    order by snapshot desc
  ) = 1`;

const RATE_COLUMNS = `
  count(*) as windowCount,
  sum(windowNs) as durationNs,
  sum(dirtyBytes) as dirtyBytes,
  sum(dirtyBytes) / sum(windowNs) * 1e9 as meanBytesPerSecond,
  quantile_disc(dirtyBytes / windowNs * 1e9, 0.5) as medianBytesPerSecond,
  max(dirtyBytes / windowNs * 1e9) as maxBytesPerSecond`;

const VIEWS: Readonly<Record<string, View>> = {
  windows: { over: ["snapshots"], select: WINDOWS },
  rates: {
    over: ["windows"],
    select: `select host, trace, pid, command, ${RATE_COLUMNS} from windows
      group by host, trace, pid, command, startTimeTicks`,
  },
  mapping_rates: {
    over: ["windows", "mappings"],
    select: `
      with named as (
        select host, date, trace, snapshot, if(name = '', '[anon]', name) as mapping,
          sum(dirtyBytes) as dirtyBytes
        from mappings group by all
      ), whole as (
        select host, trace, pid, startTimeTicks, command, sum(windowNs) as durationNs
        from windows group by all
      )
      select host, trace, pid, command, mapping,
        sum(named.dirtyBytes) as dirtyBytes,
        sum(named.dirtyBytes) / any_value(whole.durationNs) * 1e9 as meanBytesPerSecond
      from windows join named using (host, date, trace, snapshot)
      join whole using (host, trace, pid, startTimeTicks, command)
      group by host, trace, pid, command, startTimeTicks, mapping`,
  },
  traces: {
    over: ["snapshots"],
    select: `select host, trace, any_value(kernelRelease) as kernelRelease, any_value(arch) as arch,
      any_value(tracker) as tracker, count(*) as snapshotCount,
      count(distinct (pid, startTimeTicks)) as processCount,
      min(readAt) as firstReadAt, max(readAt) as lastReadAt
      from snapshots group by host, trace`,
  },
};

/** The names of all tables and views. */
const RELATION_NAMES: readonly string[] = [...EXPORT_TABLE_NAMES, ...Object.keys(VIEWS)];

/** The tables that a statement may need: those whose names stand in it, and those below its views. */
export function neededTables(sql: string): ExportTableName[] {
  const needed = new Set<string>();
  const need = (name: string) => {
    needed.add(name);
    for (const below of VIEWS[name]?.over ?? []) need(below);
  };
  for (const name of RELATION_NAMES) if (new RegExp(`\\b${name}\\b`, "i").test(sql)) need(name);
  return EXPORT_TABLE_NAMES.filter((name) => needed.has(name));
}

/**
 * The statements that make the views: of these tables, and all that stand on them alone.
 *
 * @param globs where the Parquet files lie, for each table
 */
export function viewStatements(
  tables: readonly ExportTableName[],
  globs: (table: ExportTableName) => readonly string[],
): string[] {
  const there = new Set<string>(tables);
  const statements = tables.map((table) =>
    `create view ${table} as
      select *, make_timestamp((readAtUnixMs * 1000)::bigint) as readAt
      from read_parquet([${globs(table).map(quoted).join(", ")}], union_by_name = true,
        hive_partitioning = true, hive_types = {'host': varchar, 'date': date})`
  );
  for (const [name, { over, select }] of Object.entries(VIEWS)) {
    if (!over.every((below) => there.has(below))) continue;
    there.add(name);
    statements.push(`create view ${name} as ${select}`);
  }
  return statements;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
