/**
 * `softdirty record`: clear, wait, read, again and again, into a trace.
 *
 * @module
 */

import { Command, Option } from "@commander-js/extra-typings";
import { parseCount, parseDurationMs, parsePid } from "./arguments.ts";
import { endProgress, note, print, printJson, progress } from "./output.ts";

/** Builds the command. */
export function recordCommand() {
  return new Command("record")
    .description("record what a process writes into a trace")
    .usage("[options] (-p PID | -- COMMAND [ARGS...])")
    .option("-p, --pid <pid>", "the process to track", parsePid)
    .addOption(
      new Option("-i, --interval <duration>", "from each clear to the read after it")
        .argParser(parseDurationMs).default(100, "100ms"),
    )
    .option("-n, --count <count>", "stop after so many snapshots", parseCount)
    .option("-d, --duration <duration>", "stop after so long", parseDurationMs)
    .option("-o, --output <file>", "the trace to write (default: a new file in recordings/)")
    .addOption(
      new Option("--tracker <tracker>", "how to track").choices(["auto", "soft-dirty"] as const)
        .default("auto" as const),
    )
    .option("--json", "print a summary as JSON")
    .argument("[command...]", "start this and track it; it is ended with the recording")
    .passThroughOptions()
    .action(async (command, options, self) => {
      if ((options.pid === undefined) === (command.length === 0)) {
        self.error("error: give either -p PID or -- COMMAND");
      }
      const { startTarget } = await import("./target.ts");
      const { openLive } = await import("../session/sd.ts");
      const { formatDuration, formatPages } = await import("../report/units.ts");

      const target = await startTarget(options.pid, command);
      const stop = new AbortController();
      const interrupt = () => stop.abort();
      process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
      const sd = openLive({ pid: target.pid, output: options.output });
      let snapshotCount = 0;
      let dirtyPages = 0;
      const startMs = performance.now();
      try {
        const snapshots = sd.watch(target.pid, {
          intervalMs: options.interval,
          count: options.count,
          durationMs: options.duration,
          signal: stop.signal,
        });
        for await (const snapshot of snapshots) {
          snapshotCount++;
          dirtyPages = snapshot.dirtyPopulated.pageCount;
          const elapsed = formatDuration((performance.now() - startMs) * 1e6);
          progress(
            `${elapsed}: ${snapshotCount} snapshots, ${formatPages(dirtyPages)} dirty in the last`,
          );
        }
      } finally {
        endProgress();
        sd.close();
        process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
        await target.end();
      }
      const file = sd.tracePath!;
      if (options.json) printJson({ file, pid: target.pid, snapshotCount });
      else print(`${snapshotCount} ${snapshotCount === 1 ? "snapshot" : "snapshots"} in ${file}`);
      if (snapshotCount === 0) {
        note("softdirty: the process ended before the first snapshot; try a shorter --interval");
        process.exitCode = 1;
      }
    });
}
