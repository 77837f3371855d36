/**
 * `softdirty record`: clear, wait, read, again and again, into a trace.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { Command, Option } from "@commander-js/extra-typings";
import type { SoftdirtyError } from "../core/errors.ts";
import { plainJson, plainText } from "../core/plain_text.ts";
import { parseCount, parseDurationMs, parsePid } from "./arguments.ts";
import { rotateOption, syncOption } from "./recording_options.ts";
import {
  carefulOption,
  forceOption,
  freezeOption,
  keepHugeOption,
  trackedAtStart,
  trackerOption,
} from "./tracker_options.ts";
import type { CommandEnd } from "./target.ts";
import type { WarningEvent } from "../trace/schema.ts";
import { endProgress, note, progress } from "./output.ts";
import { outputName, printerFor } from "./output_options.ts";

/** The summary has so many. */
const MAX_WARNINGS = 100;

/** What ends a recording cleanly. */
const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Builds the command. */
export function recordCommand() {
  return new Command("record")
    .description("record what a process writes into a trace")
    .usage("[options] (-p PID | -- COMMAND [ARGS...])")
    .option("-p, --pid <pid>", "the process to track", parsePid)
    .addOption(
      new Option("-i, --interval <duration>", "time between a clear and the next read")
        .argParser(parseDurationMs).default(100, "100ms"),
    )
    .option("-n, --count <count>", "stop after N snapshots", parseCount)
    .option("-d, --duration <duration>", "stop after this time", parseDurationMs)
    .option(
      "-o, --output <file>",
      "the trace to write (default: a new file in recordings/; - is standard output)",
    )
    .addOption(syncOption())
    .addOption(rotateOption())
    .option("--keep <count>", "with --rotate: keep only the latest N files", parseCount)
    .addOption(trackerOption())
    .addOption(keepHugeOption())
    .addOption(freezeOption())
    .addOption(forceOption())
    .addOption(carefulOption())
    .option("--children", "also record its descendants, and those that start later")
    .option("--cgroup <path>", "record all processes of this control group (version 2)")
    .option("--explain", "also read why pages are reported (slower with soft-dirty)")
    .option("--json", "print a summary as JSON")
    .argument("[command...]", "start this command and track it; it ends with the recording")
    .passThroughOptions()
    .action(async (command, options, self) => {
      const given = [options.pid, options.cgroup, command[0]].filter((one) => one !== undefined);
      if (given.length !== 1) self.error("error: give one of -p PID, --cgroup PATH and -- COMMAND");
      const isPiped = options.output === "-";
      const { keepHeapSmall } = await import("./small_heap.ts");
      const { startTarget } = await import("./target.ts");
      const { LiveSource } = await import("../session/live_source.ts");
      const { watchAny } = await import("../session/watch_any.ts");
      const { assertNewRecording, segmentPath } = await import("../files/segments.ts");
      const { assertCreatable } = await import("../files/outputs.ts");
      const { thisKernel } = await import("../session/kernel_access.ts");
      const { chooseTracker } = await import("../session/choose_tracker.ts");
      const { assertTracks } = await import("../core/probe_report.ts");
      const { formatDuration, formatPages } = await import("../report/units.ts");
      const { filesText, untrackedLines, warningLine } = await import("../report/event_text.ts");

      keepHeapSmall();
      // Proven before a command is started, so that its first moments are not lost to the proof.
      const kernel = thisKernel();
      assertTracks(chooseTracker(kernel, options.tracker));
      if (options.output !== undefined) {
        if (isPiped && options.rotate !== undefined) {
          return self.error("error: --rotate needs a file: -o FILE");
        }
        assertCreatable(options.output, {
          isBinary: true,
          makesFolders: true,
          hint: "A trace is never written over; name another file with -o FILE",
        });
        if (!isPiped) assertNewRecording(options.output);
      }
      const target = await startTarget(options.pid, command, isPiped);
      const isStarted = command.length > 0;
      const stop = new AbortController();
      const interrupt = () => stop.abort();
      for (const signal of STOP_SIGNALS) process.on(signal, interrupt);
      // Processes that the command left can continue.
      if (!options.children) target.ended.then(interrupt);
      const { output, tracker, keepHuge, freeze, force, careful, sync, rotate, keep } = options;
      const warnings: WarningEvent[] = [];
      const onWarning = (event: WarningEvent) => {
        endProgress();
        note(`softdirty: ${warningLine(event)}`);
        if (warnings.length < MAX_WARNINGS) warnings.push(event);
      };
      const tracking = { tracker, keepHuge, freeze, force, careful, kernel, onWarning };
      const { pid } = target;
      const tracks = trackedAtStart({ pid, children: options.children, cgroup: options.cgroup });
      const source = new LiveSource({ pid, tracks, output, sync, ...rotate, keep, ...tracking });
      const startMs = performance.now();
      let snapshotCount = 0;
      let commandEnd: CommandEnd | undefined;
      try {
        const snapshots = watchAny(source, () => pid!, {
          intervalMs: options.interval,
          count: options.count,
          durationMs: options.duration,
          fromStart: isStarted,
          children: options.children,
          cgroup: options.cgroup,
          explain: options.explain,
          signal: stop.signal,
        });
        for await (const snapshot of snapshots) {
          snapshotCount++;
          progress(() => {
            const elapsed = formatDuration((performance.now() - startMs) * 1e6);
            const dirty = formatPages(snapshot.dirtyPopulated.pageCount);
            return `${elapsed}: ${snapshotCount} snapshots, ${dirty} dirty in the last`;
          });
        }
      } catch (error) {
        if (!isStarted || snapshotCount > 0 || !isGone(error)) throw error;
      } finally {
        endProgress();
        try {
          source.close();
        } finally {
          for (const signal of STOP_SIGNALS) process.off(signal, interrupt);
          commandEnd = await target.end();
        }
      }
      const file = snapshotCount > 0 ? source.tracePath! : null;
      const written = snapshotCount > 0 ? source.traceFiles : [];
      // Who renames a trace while it is recorded knows where it is now.
      const files = isPiped ? written : written.filter((one) => existsSync(one));
      const { all: untracked, count } = source.untracked;
      const ofCount = Math.max(source.memberCount, 1);
      const missedProcessCount = source.missedCount;
      const print = printerFor(output);
      if (options.json) {
        print(plainJson({
          ...{ file, files, pid: target.pid, snapshotCount, commandEnd },
          ...{ processCount: ofCount, untrackedProcessCount: count, missedProcessCount },
          untracked: untracked.map(({ process: { pid, command }, reason, message }) => {
            return { pid, command, reason, message };
          }),
          warnings: warnings.map(({ process: { pid, command }, code, message }) => {
            return { pid, command, code, message };
          }),
        }));
      } else if (file !== null) {
        const where = files.length === 0
          ? `a file that was renamed while it was recorded: ${plainText(file)} is no longer there`
          : isPiped
          ? plainText(outputName(file))
          : filesText(files);
        const hasRemoved = files.length > 1 && files[0] !== segmentPath(file, 1); // by --keep
        const count = `${snapshotCount} ${snapshotCount === 1 ? "snapshot" : "snapshots"}`;
        print(`${count}${hasRemoved ? ", of which the last are" : ""} in ${where}`);
        if (!isPiped && files.length > 0) print(nextText(file));
      }
      if (typeof commandEnd === "number" && commandEnd !== 0) {
        note(`softdirty: the command exited with ${commandEnd}`);
      }
      const missed = missedText(missedProcessCount);
      if (missed !== undefined) note(`softdirty: ${missed}`);
      const lines = untrackedLines({ untracked, count, ofCount });
      if (lines.length > 0) note(`softdirty: ${lines.join("\n")}`);
      if (file === null) {
        note(
          count > 0
            ? "softdirty: no process was tracked"
            : "softdirty: the process ended before the first snapshot; try a shorter --interval",
        );
        process.exitCode = 1;
      }
    });
}

/** What is known of processes that no snapshot has; undefined if there are none. */
function missedText(count: number | null): string | undefined {
  if (count === 0) return undefined;
  return count === null
    ? "processes that came and went between two snapshots are unknown: the kernel reports no forks here"
    : `${count} processes came and went between two snapshots, and were not tracked`;
}

/** What to run next, as for a shell. */
function nextText(file: string): string {
  const safe = plainText(file);
  const word = /^[\w./+-]+$/.test(safe) && !safe.startsWith("-")
    ? safe
    : `'${safe.replaceAll("'", `'\\''`)}'`;
  return `next: softdirty rate ${word}, or softdirty report ${word} -o report.html`;
}

/** True if the error says that the process ended. */
function isGone(error: unknown): boolean {
  const code = (error as Partial<SoftdirtyError>).code;
  return code === "zombie" || code === "no-such-process" || code === "process-exited";
}
