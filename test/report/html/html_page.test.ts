import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { Snapshot } from "../../../lib/core/snapshot.ts";
import { htmlPage } from "../../../lib/report/html/html_page.ts";
import { aboutTrace } from "../../../lib/report/html/about_trace.ts";
import { reportData } from "../../../lib/report/html/report_data.ts";
import { openTrace } from "../../../lib/session/sd.ts";
import { seconds } from "../../helpers/drawn_snapshot.ts";
import { recordingFile } from "../../helpers/recordings.ts";

const trace = openTrace(recordingFile("redis"));
const assets = { script: "run()", style: "p { color: red }" };

test("a page lets nothing in but its own script and style, by their hashes", () => {
  const page = htmlPage(reportData([], aboutTrace(trace)), assets);
  const hash = (text: string) => createHash("sha256").update(text).digest("base64");
  const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(page)!;
  expect(policy.split("; ")).toEqual([
    "default-src 'none'",
    `script-src 'sha256-${hash(assets.script)}'`,
    `style-src 'sha256-${hash(assets.style)}'`,
    ...["base-uri 'none'", "form-action 'none'"],
  ]);
  expect(page).toContain("<script>run()</script>");
  expect(page).not.toMatch(/https?:/);
});

test("what a mapping is called cannot end the data", () => {
  const name = "</script><!--&amp;";
  const data = reportData(seconds(`0x10 rw-p /${name} DD`), aboutTrace(trace));
  const page = htmlPage(data, assets);
  const [, json] = /id="data">(.*?)<\/script>/s.exec(page)!;
  expect(json).not.toMatch(/[<>&]/);
  expect(JSON.parse(json).processes[0].series.names).toEqual([`/${name}`]);
});

test("the processes with the most dirty pages are shown, and the others counted", () => {
  const many = Array.from(
    { length: 20 },
    (_, i) =>
      seconds(`0x10 rw-p - ${"D".repeat(i + 1)}`).map((one) =>
        new Snapshot({ ...one, process: { pid: i + 1, startTimeTicks: 1, command: "x" } })
      ),
  ).flat();
  const { processes, leftOutCount } = reportData(many, aboutTrace(trace));
  expect(processes.map(({ process: { pid } }) => pid).slice(0, 2)).toEqual([20, 19]);
  expect([processes.length, leftOutCount]).toEqual([12, 8]);
});

test("a report of many processes with many long names stays below 8 MB", () => {
  const text = Array.from({ length: 1000 }, (_, i) => `${i * 16} rw-p /${"x".repeat(1500)}${i} DD`);
  const [drawn] = seconds(text.join("\n"));
  const many = Array.from(
    { length: 8 },
    (_, i) => new Snapshot({ ...drawn, process: { pid: i + 1, startTimeTicks: 1, command: "x" } }),
  );
  const data = reportData(many, aboutTrace(trace));
  expect(data.processes.length).toBeGreaterThan(1);
  expect(data.processes.length + data.leftOutCount).toBe(8);
  expect(data.leftOutCount).toBeGreaterThan(0);
  expect(htmlPage(data, assets).length).toBeLessThan(8e6);
});

test("a report of a recording is some hundred kilobytes", () => {
  const page = htmlPage(reportData(trace.snapshots, aboutTrace(trace)), assets);
  expect(page.length).toBeLessThan(500_000);
});
