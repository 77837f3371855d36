/**
 * Reports as files.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { aboutTrace } from "../../lib/report/html/about_trace.ts";
import { htmlPage } from "../../lib/report/html/html_page.ts";
import { reportData } from "../../lib/report/html/report_data.ts";
import { pageAssets } from "../../lib/cli/page_assets.ts";
import type { TraceReader } from "../../lib/trace/reader.ts";
import { temporaryFolder } from "../helpers/temporary_folder.ts";

/** Writes the report of a trace, and returns its path. */
export function written(trace: TraceReader): string {
  const file = join(temporaryFolder(), "report.html");
  writeFileSync(file, htmlPage(reportData(trace.snapshots, aboutTrace(trace)), pageAssets()));
  return file;
}
