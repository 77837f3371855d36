/**
 * `softdirty sql`: any question over any number of traces.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { Command, Option } from "@commander-js/extra-typings";
import { plainJson, plainText } from "../core/plain_text.ts";
import type { Rows } from "../tables/duckdb.ts";
import { EXPRESSION_HELP, FILTER_OPTIONS, toFilterEach } from "./filter_options.ts";
import { note, print } from "./output.ts";
import { noteProblems, passOver } from "./reading.ts";

/** Rows that are shown as text at most. */
const SHOWN = 1000;

const HELP = `
Tables: snapshots, mappings, runs, as softdirty export writes them; each with a readAt besides.
Views: windows     the snapshots that count: the last one after each clear
       rates       how fast each process dirties memory
       mapping_rates  ... and by mapping
       traces      what there is
lib/tables/TABLES.md lists all columns, with ten queries. TRACES are files, folders of traces, and
folders that softdirty export --format parquet wrote. Of several statements, the result of the last one is printed.
DuckDB: npm install @duckdb/node-api@1.5.5-r.5
`;

/** Builds the command. */
export function sqlCommand() {
  return new Command("sql")
    .description("query traces with SQL (needs DuckDB, which is optional)")
    .argument(
      "<statement>",
      `as in "select command, meanBytesPerSecond from rates"; - reads standard input`,
    )
    .argument("<traces...>", "traces, or folders of them")
    .addOption(new Option("--json", "print a JSON object for each row"))
    .addOption(new Option("--csv", "print CSV").conflicts("json"))
    .addOption(FILTER_OPTIONS.expression)
    .addHelpText("after", HELP + EXPRESSION_HELP)
    .action(async (statement, traces, { json, csv, expression }) => {
      const { queryTables } = await import("../tables/query_tables.ts");
      const { snapshotsOf } = await import("../trace/readable.ts");
      const { boundsOf, workOfRows } = await import("../files/memory_guard.ts");
      const { writeLines } = await import("../files/write_lines.ts");
      const { csvLine } = await import("../report/csv.ts");
      const filter = await toFilterEach({ expression });
      const options = {
        snapshotsOf: (trace: Parameters<typeof snapshotsOf>[0]) => {
          const bounds = boundsOf(trace);
          return filter(workOfRows(snapshotsOf(trace, passOver, bounds), bounds));
        },
        onUnreadable: passOver,
        onRead: noteProblems,
      };
      const sql = statement === "-" ? readFileSync(0, "utf8") : statement;
      await queryTables(sql, traces, options, async (rows) => {
        if (json) await writeLines(undefined, jsonRows(rows));
        else if (csv) await writeLines(undefined, csvRows(rows, csvLine));
        else await printTable(rows);
      });
    });
}

async function* jsonRows({ columns, batches }: Rows): AsyncGenerator<string, void, void> {
  for await (const rows of batches) {
    for (const row of rows) {
      yield plainJson(Object.fromEntries(columns.map((name, i) => [name, row[i]])));
    }
  }
}

async function* csvRows(
  { columns, batches }: Rows,
  csvLine: (cells: (string | number)[]) => string,
): AsyncGenerator<string, void, void> {
  yield `${csvLine([...columns])}\r`;
  for await (const rows of batches) {
    for (const row of rows) yield `${csvLine(row.map(asCell))}\r`;
  }
}

async function printTable({ columns, isNumeric, batches }: Rows): Promise<void> {
  const { formatTable } = await import("../report/table.ts");
  const shown: string[][] = [];
  let isMore = false;
  for await (const rows of batches) {
    for (const row of rows) {
      if (shown.length < SHOWN) shown.push(row.map((cell) => plainText(String(short(cell)), 80)));
      else isMore = true;
    }
    if (isMore) break;
  }
  const headings = columns.map((name, i) => ({
    heading: plainText(name, 80),
    align: isNumeric[i] ? "right" as const : "left" as const,
  }));
  if (columns.length > 0) print(formatTable(headings, shown));
  if (isMore) note(`these are the first ${SHOWN} rows; --csv and --json print all of them`);
}

/** As many digits as a person reads. */
function short(cell: unknown): string | number {
  const isLong = typeof cell === "number" && !Number.isInteger(cell);
  return isLong ? Number(cell.toPrecision(6)) : asCell(cell);
}

/** What a cell shows; nothing for null. */
function asCell(cell: unknown): string | number {
  if (typeof cell === "number" || typeof cell === "string") return cell;
  return cell === null ? "" : JSON.stringify(cell);
}
