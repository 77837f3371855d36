/**
 * `softdirty top`: what processes write to, now.
 *
 * @module
 */

import { Command, Option } from "@commander-js/extra-typings";
import { parseDurationMs, parseDurationNs, parsePid, parseWorkingSetNs } from "./arguments.ts";
import { plainText } from "../core/plain_text.ts";
import type { TrackerKind } from "../core/snapshot.ts";
import { topHelpLines } from "../report/top/top_help.ts";
import type { TopFeed } from "../top/feed.ts";
import { jsonLines, note, print, printPieces } from "./output.ts";
import { openForReading, passOver } from "./reading.ts";
import {
  carefulOption,
  forceOption,
  freezeOption,
  keepHugeOption,
  trackedAtStart,
  trackerOption,
} from "./tracker_options.ts";

/** Of a pipe. */
const WIDTH = 100;

/** Builds the command. */
export function topCommand() {
  return new Command("top")
    .description("show live which memory processes write to, or play a trace")
    .usage("[options] [-p PID... | --cgroup PATH | --replay FILE]")
    .option(
      "-p, --pid <pid...>",
      "the processes to watch (default: choose one from a list)",
      (text, all: number[] | undefined) => [
        ...all ?? [],
        ...text.split(",").map(parsePid),
      ],
    )
    .option("--children", "also their descendants")
    .option("--cgroup <path>", "all processes of this control group (version 2)")
    .option("--replay <file>", "a trace in place of live processes")
    .addOption(
      new Option("-i, --interval <duration>", "time between a clear and the next read")
        .argParser(parseDurationMs).default(1000, "1s").conflicts("replay"),
    )
    .addOption(
      new Option("--working-set <duration>", "length of the working-set window")
        .argParser(parseWorkingSetNs).default(10e9, "10s"),
    )
    .addOption(
      new Option("--speed <factor>", "with --replay: how fast").argParser(Number).default(1)
        .conflicts(["pid", "cgroup"]),
    )
    .addOption(
      new Option("--at <duration>", "with --replay: begin there (with --once: by default the end)")
        .argParser(parseDurationNs).conflicts(["pid", "cgroup"]),
    )
    .addOption(trackerOption().conflicts("replay"))
    .addOption(keepHugeOption().conflicts("replay"))
    .addOption(freezeOption().conflicts("replay"))
    .addOption(forceOption().conflicts("replay"))
    .addOption(carefulOption().conflicts(["replay", "force"]))
    .option("--once", "print once, and exit")
    .option("--json", "with --once: a line of JSON for each process")
    .addHelpText("after", `\n${topHelpLines().join("\n")}`)
    .action(async (options, self) => {
      const { pid: asked = [], cgroup, replay } = options;
      const given = [asked[0], cgroup, replay].filter((one) => one !== undefined);
      if (given.length > 1 || given.length === 0 && options.once) {
        return self.error("error: give one of -p PID, --cgroup PATH and --replay FILE");
      }
      if (options.json && !options.once) return self.error("error: --json needs --once");
      if (!(options.speed > 0 && options.speed < Infinity)) {
        return self.error("error: --speed takes a number above 0");
      }
      const isScreen = process.stdin.isTTY && process.stdout.isTTY;
      if (!options.once && !isScreen) {
        return self.error("error: top needs a terminal; --once prints one look");
      }
      const pids = given.length > 0 ? asked : await chosen(options.tracker);
      if (pids.length === 0 && given.length === 0) return;
      const { feed, fill, close } = replay === undefined
        ? await liveFeed({ ...options, pids })
        : await replayFeed({ ...options, replay });
      try {
        if (options.once) {
          await fill();
          await printOnce(feed, options.json === true);
        } else {
          const { runTop } = await import("../top/run_top.ts");
          const isOne = pids.length === 1 && !options.children;
          await runTop(feed, isOne ? pids[0] : undefined);
        }
      } finally {
        for (const file of close()) print(`recorded ${file}`);
      }
    });
}

/** The process that the user chooses, if any, of a kernel that was proven to track. */
async function chosen(tracker: TrackerKind | "auto"): Promise<number[]> {
  const { chooseProcess } = await import("../top/choose_process.ts");
  const { thisKernel } = await import("../session/kernel_access.ts");
  const { chooseTracker } = await import("../session/choose_tracker.ts");
  const { assertTracks } = await import("../core/probe_report.ts");
  const kernel = thisKernel();
  assertTracks(chooseTracker(kernel, tracker));
  const pid = await chooseProcess(kernel);
  return pid === undefined ? [] : [pid];
}

async function liveFeed(
  { pids, cgroup, children, interval: intervalMs, workingSet: workingSetNs, once, ...tracking }: {
    readonly pids: readonly number[];
    readonly cgroup?: string | undefined;
    readonly children?: true | undefined;
    readonly interval: number;
    readonly workingSet: number;
    readonly once?: true | undefined;
    readonly tracker: TrackerKind | "auto";
    readonly keepHuge?: true | undefined;
    readonly freeze?: true | undefined;
    readonly force?: true | undefined;
    readonly careful?: true | undefined;
  },
) {
  const { LiveSource } = await import("../session/live_source.ts");
  const { LiveFeed } = await import("../top/live_feed.ts");
  const { assertTracks } = await import("../core/probe_report.ts");
  const { tracker, keepHuge, freeze, force, careful } = tracking;
  const tracks = cgroup === undefined
    ? pids.flatMap((pid) => trackedAtStart({ pid, children }))
    : trackedAtStart({ cgroup });
  const options = { output: null, tracks, tracker, keepHuge, freeze, force, careful };
  const source = new LiveSource({ ...options, onWarning: (event) => feed.warned(event) });
  assertTracks(source.probe());
  const count = once ? 1 : undefined;
  const feed = new LiveFeed(source, { pids, cgroup, children }, {
    ...{ intervalMs, workingSetNs },
    ...count === undefined ? {} : { count },
  });
  return {
    feed,
    async fill() {
      await feed.run(() => {}, new AbortController().signal);
      for (const one of [...feed.warnings, ...feed.failures]) note(`softdirty: ${plainText(one)}`);
      if (feed.failures.length > 0) process.exitCode = 1;
    },
    close() {
      feed.stopRecording();
      source.close();
      return feed.recorded;
    },
  };
}

async function replayFeed({ replay, speed, at, workingSet: workingSetNs, once }: {
  readonly replay: string;
  readonly speed: number;
  readonly at?: number | undefined;
  readonly workingSet: number;
  readonly once?: true | undefined;
}) {
  const { ReplayFeed } = await import("../top/replay_feed.ts");
  const trace = await openForReading(replay);
  const { boundsOf, MemoryGuard } = await import("../files/memory_guard.ts");
  const isWhole = once === true;
  const [bounds, guard] = [boundsOf(trace), new MemoryGuard(trace)];
  const feed = new ReplayFeed(trace, {
    ...{ speed, workingSetNs, isWhole, onDamaged: passOver },
    // Who looks on can play a trace again and again: only memory is bounded then.
    onWork: (units) => isWhole ? bounds(units) : guard.look(units),
  });
  feed.seek(at ?? (once ? Infinity : 0));
  return {
    feed,
    fill: () => Promise.resolve(),
    close: () => [],
  };
}

async function printOnce(feed: TopFeed, isJson: boolean): Promise<void> {
  const { statusLines, topLines } = await import("../report/top/top_text.ts");
  const { topJson } = await import("../report/top/top_json.ts");
  const { TopView } = await import("../top/top_view.ts");
  const { hasBlocks } = await import("../top/run_top.ts");
  const { states } = feed.table;
  const [only] = states.length === 1 ? states : [];
  if (states.length === 0) {
    note(`softdirty: ${feed.empty}`);
    process.exitCode = 1;
  } else if (isJson) {
    await printPieces(jsonLines((function* () {
      for (const { process: { pid } } of states) yield topJson(feed.table.of(pid)!);
      const { group } = feed.table;
      if (group?.state !== undefined) yield topJson(group);
      for (const { process, reason, message } of feed.untracked) {
        yield { process, isTracked: false, reason, message };
      }
    })()));
  } else {
    const look = new TopView(feed, only?.process.pid).look();
    const columns = process.stdout.columns || WIDTH;
    const size = { columns, rows: Infinity, hasBlocks: hasBlocks() };
    const rows = look.table.rows.length + statusLines(look.status, size).length + 2;
    const lines = topLines({ ...look, chosen: undefined, help: [] }, {
      ...size,
      // Twice the status, of which no more than half of a terminal is shown.
      rows: 2 * rows,
    });
    print(lines.map((line) => line.trimEnd()).join("\n").trimEnd());
  }
}
