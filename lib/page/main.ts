/// <reference lib="dom" />
/**
 * The script of an HTML report: shows its data, and narrows what is shown to a time or a mapping.
 *
 * @module
 */

import type { ProcessReport, ReportData } from "../report/html/report_data.ts";
import { aboutSection, caveatBanner } from "./about.ts";
import { element } from "./dom.ts";
import { heatSection } from "./heat_view.ts";
import { hotSection } from "./hot_view.ts";
import { mappingsSection } from "./mappings_view.ts";
import { ViewFilter } from "./view_filter.ts";
import { phasesSection } from "./phases_view.ts";
import { planSection } from "./plan_view.ts";
import { rateSection } from "./rate_view.ts";
import { unpacked } from "./unpacked.ts";
import { wssSection } from "./wss_view.ts";

const data: ReportData = JSON.parse(document.getElementById("data")!.textContent!);
const report = document.getElementById("report")!;

/** Of what was chosen last. */
let wanted: ProcessReport | undefined;

async function show(report: ProcessReport): Promise<void> {
  wanted = report;
  const process = await unpacked(report);
  if (wanted !== report) return;
  const filter = new ViewFilter(process);
  const sections = [
    rateSection(process, filter),
    heatSection(process, filter),
    wssSection(process, filter),
    mappingsSection(process, filter),
    hotSection(process, filter),
    phasesSection(process, filter),
    planSection(process, filter),
  ];
  const views = document.getElementById("views")!;
  views.replaceChildren(...caveatBanner(process.caveats), filter.bar(), ...sections);
  filter.update();
  document.documentElement.dataset.ready = "true";
}

const views = element("div", { id: "views" });
report.append(aboutSection(data, (process) => void show(process)), views);
if (data.processes.length > 0) void show(data.processes[0]);
else views.append("No snapshot of this trace was measured from a clear: there is nothing to show.");
