/**
 * `softdirty export`: a trace in formats that other tools take.
 *
 * @module
 */

import { Command, Option } from "@commander-js/extra-typings";
import { EXPRESSION_HELP, FILTER_OPTIONS, toNarrowEach } from "./filter_options.ts";
import { note, noteFailure } from "./output.ts";

const TABLES = ["snapshots", "mappings", "runs"] as const;

/** Builds the command. */
export function exportCommand() {
  return new Command("export")
    .description("write a trace as JSON lines, CSV, or counters for Perfetto")
    .argument("<file>", "a trace")
    .addOption(
      new Option(
        "--format <format>",
        "jsonl: a line for each row; csv: one table; trace-event: counters",
      )
        .choices(["jsonl", "csv", "trace-event"] as const).makeOptionMandatory(),
    )
    .addOption(
      new Option("--table <table>", "only this table (default: snapshots for csv, all for jsonl)")
        .choices(TABLES),
    )
    .option("-o, --output <file>", "a new file to write to (default: standard output)")
    .addOption(FILTER_OPTIONS.expression)
    .addHelpText("after", EXPRESSION_HELP)
    .action(async (file, { format, table, output, expression }) => {
      const { openTrace } = await import("../session/open_trace.ts");
      const { snapshotsOf } = await import("../trace/readable.ts");
      const { problemLines } = await import("../report/event_text.ts");
      const { csvLines, jsonLines } = await import("../report/export/lines.ts");
      const { traceEventJson } = await import("../report/export/trace_event.ts");
      const { writeLines } = await import("../session/write_lines.ts");
      const trace = openTrace(file);
      const narrow = await toNarrowEach({ expression });
      const snapshots = narrow(snapshotsOf(trace, noteFailure));
      const { hostname } = trace.header.host;
      const lines = {
        jsonl: () => jsonLines(snapshots, hostname, table === undefined ? TABLES : [table]),
        csv: () => csvLines(snapshots, hostname, table ?? "snapshots"),
        "trace-event": () => traceEventJson(snapshots),
      }[format]();
      await writeLines(output, lines);
      for (const line of problemLines(trace)) note(line);
    });
}
