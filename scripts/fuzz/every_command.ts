/**
 * Every command that reads a trace, as arguments.
 *
 * @module
 */

import { copyFileSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { segmentPath } from "../../lib/files/segments.ts";

/** One command line. */
export interface CommandLine {
  readonly name: string;
  readonly args: readonly string[];
  readonly input?: string;
}

/** Reads all with a script. */
const SCRIPT = `
let pages = 0;
for (const snapshot of sd.open(process.argv[2]).snapshots) pages += snapshot.dirty.pageCount;
console.log(pages, sd.rate(process.argv[2]).length);
`;

/**
 * All of them for one trace.
 *
 * @param folder takes what they write; what is in it is removed before each
 */
export function everyCommand(trace: string, folder: string): CommandLine[] {
  const out = join(folder, "out");
  const script = join(folder, "script.mjs");
  const copy = join(folder, "copy.sdtrace");
  writeFileSync(script, SCRIPT);
  rmSync(copy, { force: true });
  copyFileSync(existsSync(trace) ? trace : segmentPath(trace, 1), copy);
  const plain = (name: string, ...args: string[]) => ({
    name: [name, ...args].filter((one) => one !== trace && one !== out).join(" "),
    args: [...name.split(" "), ...args],
  });
  const measures = ["rate", "wss", "hot", "heat", "by-mapping", "phases"];
  const plans = ["plan migrate", "plan checkpoint", "plan fork"];
  return [
    plain("info", trace),
    plain("info", trace, "--json"),
    plain("log", trace),
    plain("log", trace, "--json"),
    plain("diff", trace, "0", "-1"),
    plain("diff", trace, "0", "-1", "--json"),
    plain("diff", trace, "0", "-1", "--explain"),
    plain("filter", trace),
    plain("filter", trace, "--json"),
    plain("filter", trace, "--pages"),
    plain("filter", trace, "--explain"),
    plain("filter", trace, "-s", "-1", "-e", "page has dirty and not size < 4KiB"),
    plain("filter", trace, "-o", out),
    ...[...measures, ...plans].flatMap((name) => [
      plain(name, trace),
      plain(name, trace, "--json"),
      plain(name, trace, "--csv"),
    ]),
    plain("rate", trace, "-e", `mapping ~ "lib|^$" and size >= 4KiB`),
    plain("compare", trace, trace),
    plain("compare", trace, trace, "--json"),
    plain("report", trace, "-o", out),
    ...["jsonl", "csv", "trace-event", "openmetrics"].map((format) =>
      plain("export", trace, "--format", format)
    ),
    ...["jsonl", "csv"].flatMap((format) =>
      ["snapshots", "mappings", "runs"].map((table) =>
        plain("export", trace, "--format", format, "--table", table)
      )
    ),
    ...["jsonl", "trace-event", "openmetrics"].map((format) =>
      plain("export", trace, "--format", format, "-e", "size >= 4KiB")
    ),
    plain("export", trace, "--format", "openmetrics", "-o", out),
    plain("export", trace, "--format", "parquet", "-o", out),
    plain("sql", "select count(*) from mappings", trace),
    plain("top", "--replay", trace, "--once"),
    plain("top", "--replay", trace, "--once", "--json"),
    { name: "repair", args: ["repair", copy] },
    { name: "run --replay", args: ["run", "--replay", trace, script, trace] },
    {
      name: "repl --replay",
      args: ["repl", "--replay", trace],
      input:
        `let n = 0; for (const s of sd.open(${JSON.stringify(trace)}).snapshots) n += s.dirty.` +
        "pageCount;\nn\nsd.wss()\n",
    },
  ];
}
