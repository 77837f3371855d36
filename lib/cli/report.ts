/**
 * `softdirty report`: one page that answers it all, and opens from disk.
 *
 * @module
 */

import { Command } from "@commander-js/extra-typings";
import { EXPRESSION_HELP, FILTER_OPTIONS, toFilterEach } from "./filter_options.ts";
import { nothingMeasured } from "./measure.ts";
import { plainText } from "../core/plain_text.ts";
import { note } from "./output.ts";
import { forceOption, outputName, printerFor } from "./output_options.ts";
import { openForReading, readableSnapshots } from "./reading.ts";

/** So many places that cannot be read are in a page. */
const MOST_PROBLEMS = 100;

/** Builds the command. */
export function reportCommand() {
  return new Command("report")
    .description("write an HTML report: rate, heat map, working set, mappings, forecasts")
    .argument("<file>", "a trace")
    .requiredOption(
      "-o, --output <file>",
      "the page to write, as in report.html; - is standard output",
    )
    .addOption(forceOption())
    .addOption(FILTER_OPTIONS.expression)
    .addHelpText("after", EXPRESSION_HELP)
    .action(async (file, options) => {
      const { reportData } = await import("../report/html/report_data.ts");
      const { aboutTrace } = await import("../report/html/about_trace.ts");
      const { htmlPage } = await import("../report/html/html_page.ts");
      const { pageAssets } = await import("./page_assets.ts");
      const { writeLines } = await import("../files/write_lines.ts");
      const { formatBytes } = await import("../report/units.ts");
      const { assertCreatable } = await import("../files/outputs.ts");
      const { output, force } = options;
      assertCreatable(output, { force });
      const assets = pageAssets();
      const trace = await openForReading(file);
      const damaged: string[] = [];
      const filter = await toFilterEach(options);
      const snapshots = filter(
        await readableSnapshots(trace, ({ message }) => damaged.push(message)),
      );
      const about = aboutTrace(trace, options.expression);
      const data = reportData(snapshots, about);
      if (data.processes.length === 0) note(`softdirty: ${nothingMeasured(options)}`);
      const [first] = data.processes;
      if (first?.fork === null) note(`softdirty: ${first.verdicts.migrate}`);
      // Damaged records are met while the trace is walked.
      const problems = [...about.problems, ...damaged].slice(0, MOST_PROBLEMS);
      const page = htmlPage({ ...data, about: { ...about, problems } }, assets);
      await writeLines(output, [page], force);
      printerFor(output)(`${formatBytes(page.length)} in ${plainText(outputName(output))}`);
    });
}
