/**
 * An example or more for each command, in its help and in the man page. Tests run them all.
 *
 * @module
 */

import type { CommandUnknownOpts } from "@commander-js/extra-typings";

/** A command line, as for a shell. */
export interface Example {
  readonly line: string;
  /** It needs a live process, whose pid is 1234 in it, and a kernel that tracks. */
  readonly isLive?: true | undefined;
  /** It runs until it is interrupted. */
  readonly isEndless?: true | undefined;
  /** It needs a terminal. */
  readonly isOnTerminal?: true | undefined;
}

const live = (line: string, how: Omit<Example, "line"> = {}): Example => {
  return { line, isLive: true, ...how };
};

/** By the words of a command. */
export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  "": [
    live("softdirty record -p 1234 -n 10 -o a.sdtrace"),
    { line: "softdirty report a.sdtrace -o report.html" },
  ],
  doctor: [live("softdirty doctor -p 1234")],
  record: [
    live("softdirty record -p 1234 -n 10 -o a.sdtrace"),
    live("softdirty record -d 1s -o a.sdtrace -- python3 -c 'b = list(range(10**7))'"),
    live("softdirty record -p 1234 -n 10 -o - | gzip > a.sdtrace.gz"),
  ],
  top: [
    live("softdirty top -p 1234", { isEndless: true, isOnTerminal: true }),
    { line: "softdirty top --replay a.sdtrace --once" },
  ],
  watch: [
    live("softdirty watch -p 1234 --openmetrics 127.0.0.1:9187", { isEndless: true }),
    live("softdirty watch -p 1234 --openmetrics 0.0.0.0:9187 --allow-host db1", {
      isEndless: true,
    }),
  ],
  info: [{ line: "softdirty info a.sdtrace" }],
  log: [{ line: "softdirty log a.sdtrace" }],
  diff: [{ line: "softdirty diff a.sdtrace 0 -1 --explain" }],
  filter: [
    { line: `softdirty filter a.sdtrace --mapping "[stack]" --pages` },
    { line: `softdirty filter a.sdtrace -e "perms has w" -o writable.sdtrace` },
  ],
  rate: [
    { line: "softdirty rate a.sdtrace" },
    { line: `softdirty rate a.sdtrace -e 'mapping == "[stack]"' --json` },
  ],
  wss: [{ line: "softdirty wss a.sdtrace" }],
  heat: [{ line: "softdirty heat a.sdtrace --width 60 --height 12" }],
  hot: [{ line: "softdirty hot a.sdtrace --limit 5" }],
  "by-mapping": [{ line: "softdirty by-mapping a.sdtrace --csv" }],
  phases: [{ line: "softdirty phases a.sdtrace" }],
  compare: [{ line: "softdirty compare a.sdtrace b.sdtrace --fail-above 10%" }],
  plan: [{ line: "softdirty plan migrate a.sdtrace --bandwidth 1Gbit" }],
  "plan migrate": [
    { line: "softdirty plan migrate a.sdtrace --bandwidth 1Gbit --max-downtime 100ms" },
  ],
  "plan checkpoint": [{ line: "softdirty plan checkpoint a.sdtrace --interval 10s,60s" }],
  "plan fork": [{ line: "softdirty plan fork a.sdtrace --duration 5s" }],
  import: [
    { line: "softdirty import dumps/3 -o criu.sdtrace" },
  ],
  report: [
    { line: "softdirty report a.sdtrace -o report.html" },
    { line: "softdirty report a.sdtrace -o report.html --force" },
  ],
  export: [
    { line: "softdirty export a.sdtrace --format csv --table mappings -o mappings.csv" },
    { line: "softdirty export a.sdtrace --format parquet -o tables" },
  ],
  sql: [{ line: `softdirty sql "select command, meanBytesPerSecond from rates" a.sdtrace` }],
  repair: [{ line: "softdirty repair a.sdtrace" }],
  repl: [
    live("softdirty repl -p 1234", { isOnTerminal: true }),
    { line: "softdirty repl --replay a.sdtrace", isOnTerminal: true },
  ],
  run: [{ line: "softdirty run script.mjs --replay a.sdtrace" }],
  help: [{ line: "softdirty help plan migrate" }],
  complete: [{ line: "source <(softdirty complete bash)" }],
};

/** What help shows below the options of a command; nothing if there is no example. */
export function examplesText(words: string): string {
  const examples = EXAMPLES[words] ?? [];
  if (examples.length === 0) return "";
  const lines = examples.map(({ line }) => `  ${line}`);
  return ["", examples.length === 1 ? "Example:" : "Examples:", ...lines].join("\n");
}

/** Adds them to a command and its parts. */
export function addExamples(command: CommandUnknownOpts, above = ""): void {
  const words = `${above}${command.name()}`;
  command.addHelpText("after", examplesText(words));
  for (const part of command.commands) addExamples(part, `${words} `);
}
