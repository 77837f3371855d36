/**
 * `softdirty export`: a trace in formats that other tools take.
 *
 * @module
 */

import { Command, Option } from "@commander-js/extra-typings";
import { EXPRESSION_HELP, FILTER_OPTIONS, toFilterEach } from "./filter_options.ts";
import { plainText } from "../core/plain_text.ts";
import { note, print } from "./output.ts";
import { forceOption } from "./output_options.ts";
import { closeRead, openForReading, readableSnapshots } from "./reading.ts";

const TABLES = ["snapshots", "mappings", "runs"] as const;
const FORMATS = ["jsonl", "csv", "parquet", "trace-event", "openmetrics"] as const;

/** Builds the command. */
export function exportCommand() {
  return new Command("export")
    .description("write a trace for other tools: tables, counters for Perfetto or Prometheus")
    .argument("<files...>", "a trace; with parquet also several, and folders of them")
    .addOption(
      new Option(
        "--format <format>",
        "jsonl: a line for each row; csv: one table; parquet: tables in folders by host and date; " +
          "trace-event, openmetrics: counters over time",
      )
        .choices(FORMATS).makeOptionMandatory(),
    )
    .addOption(
      new Option("--table <table>", "only this table (default: snapshots for csv, else all)")
        .choices(TABLES),
    )
    .option(
      "-o, --output <path>",
      "a new file to write to (default, and -: standard output); with parquet a folder",
    )
    .addOption(forceOption())
    .addOption(FILTER_OPTIONS.expression)
    .addHelpText("after", EXPRESSION_HELP)
    .action(async (files, { format, table, output, force, expression }, self) => {
      const isOfTables = format === "jsonl" || format === "csv" || format === "parquet";
      if (table !== undefined && !isOfTables) {
        return self.error(`error: --format ${format} has no tables, and takes no --table`);
      }
      if (files.length > 1 && format !== "parquet") {
        return self.error(`error: --format ${format} takes one trace`);
      }
      if (format === "parquet" && (output === undefined || output === "-")) {
        return self.error("error: --format parquet needs a folder: -o DIR");
      }
      if (format !== "parquet" && output !== undefined) {
        const { assertCreatable } = await import("../files/outputs.ts");
        assertCreatable(output, { force });
      }
      const { originOf } = await import("../report/export/tables.ts");
      const filter = await toFilterEach({ expression });
      const hasRows = isOfTables && table !== "snapshots" &&
        !(format === "csv" && table === undefined);
      const tables = table === undefined ? TABLES : [table];
      if (format === "parquet") {
        const { writeParquet } = await import("../tables/parquet_folder.ts");
        const { tableSources } = await import("../tables/table_sources.ts");
        for (const { file, name } of tableSources(files).traces) {
          const trace = await openForReading(file);
          const snapshots = filter(await readableSnapshots(trace, () => {}, hasRows));
          const origin = { ...originOf(trace), trace: name };
          const written = await writeParquet(snapshots, origin, output!, tables, force);
          for (const path of written) print(path);
          if (written.length === 0) note(`softdirty: no snapshot of ${plainText(file)} matches`);
          await closeRead(trace);
        }
        return;
      }
      const { writeLines } = await import("../files/write_lines.ts");
      const { csvLines, jsonLines } = await import("../report/export/lines.ts");
      const { traceEventJson } = await import("../report/export/trace_event.ts");
      const { openMetricsLines } = await import("../report/export/open_metrics.ts");
      const trace = await openForReading(files[0]);
      const snapshots = filter(await readableSnapshots(trace, () => {}, hasRows));
      const origin = originOf(trace);
      const lines = {
        jsonl: () => jsonLines(snapshots, origin, tables),
        csv: () => csvLines(snapshots, origin, table ?? "snapshots"),
        "trace-event": () => traceEventJson(snapshots),
        openmetrics: () => openMetricsLines(snapshots, origin.host, trace.header.originUnixMs),
      }[format];
      await writeLines(output, lines(), force);
    });
}
